import HTTPTypes

/// By what a client can tell one version of a content from another (RFC 9110, section 8.8).
struct Validators: Sendable, Equatable {
    var entityTag: EntityTag?
    /// Seconds since 1970.
    var lastModified: Int?
}

extension Validators {
    /// How long a file must have been left alone until its times tell its versions apart.
    ///
    /// Twice the second in which a date counts, and the grain of the coarsest clock that a file system has (FAT's).
    private static let settlingSeconds = 2

    /// The validators of a file.
    ///
    /// The tag is made of size, modification time, inode and change time. Size and modification time alone, which is what
    /// most servers take, are the same for two builds with a fixed time (`SOURCE_DATE_EPOCH`) and for a copy that keeps the
    /// time; with the inode, a file that was moved into place has a tag of its own, and the change time cannot be set back.
    /// The price is that two machines give the same file different tags, and a client that changes between them
    /// gets the whole file again: slower, but never wrong. Inode and change time are hashed, since they are nobody's business.
    ///
    /// A file that was changed a moment ago may be changed again within the same tick of the clock, and no time would tell.
    /// RFC 9110, sections 8.8.1 and 8.8.2.2, wants a validator to be weak then: the tag is a weak one, and there is no date,
    /// since a date cannot say that it is weak. A date that a client has is hence never from such a moment, and can be
    /// trusted in `If-Range`.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - now: The time, in seconds since 1970.
    init(of file: OpenFile, now: Int) {
        let settled = now - Self.settlingSeconds
        let hash = Self.hash([file.inode, Self.nanoseconds(file.changeTime)])
        let parts = [Self.nanoseconds(file.modificationTime), UInt64(clamping: file.size), hash]
        let opaque = parts.map { String($0, radix: 16) }.joined(separator: "-")
        entityTag = EntityTag(unchecked: opaque, isWeak: file.changeTime.seconds > settled)
        // Zero and one are what archives and package stores write for a time that they do not keep; and RFC 9110,
        // section 8.8.2.1, forbids a time in the future.
        let modified = file.modificationTime.seconds
        lastModified = modified > 1 && max(modified, file.changeTime.seconds) <= settled ? modified : nil
    }

    /// Writes the fields `ETag` and `Last-Modified`.
    func write(to headers: inout ResponseFields) {
        if let entityTag { headers[.eTag] = entityTag.description }
        if let lastModified { headers[.lastModified] = HTTPDate.text(secondsSince1970: lastModified) }
    }

    private static func nanoseconds(_ time: OpenFile.Time) -> UInt64 {
        UInt64(truncatingIfNeeded: time.seconds) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.nanoseconds)
    }

    /// Mixes numbers into one, the same in each process (the steps are those of splitmix64).
    private static func hash(_ numbers: [UInt64]) -> UInt64 {
        numbers.reduce(0) { hash, number in
            var mixed = (hash ^ number) &+ 0x9E37_79B9_7F4A_7C15
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
