/// The value of `If-Match` or `If-None-Match` (RFC 9110, sections 13.1.1 and 13.1.2).
enum EntityTagList: Equatable {
    /// `*`: whatever version there is.
    case any
    case tags([EntityTag])

    /// Reads the values of all fields of one name.
    ///
    /// A list with a mistake in it names no tag at all: then `If-Match` fails and `If-None-Match` holds, and both are the
    /// safe answer. To read it up to the mistake would have been a guess at what the client meant.
    init(_ values: [String]) {
        if values.count == 1, values[0] == "*" {
            self = .any
            return
        }
        var tags: [EntityTag] = []
        for value in values {
            guard let more = Self.parse(value) else {
                self = .tags([])
                return
            }
            tags += more
        }
        self = .tags(tags)
    }

    /// Whether the list has a tag that `matches`; `*` matches whatever exists.
    func contains(_ matches: (EntityTag) -> Bool) -> Bool {
        switch self {
        case .any: true
        case .tags(let tags): tags.contains(where: matches)
        }
    }

    private static func parse(_ value: String) -> [EntityTag]? {
        var bytes = Array(value.utf8)[...]
        var tags: [EntityTag] = []
        while true {
            // RFC 9110, section 5.6.1.2: a recipient skips empty elements.
            bytes = bytes.drop { $0 == ASCII.space || $0 == ASCII.tab || $0 == ASCII.comma }
            guard !bytes.isEmpty else { return tags }
            guard let tag = EntityTag(parsing: &bytes) else { return nil }
            tags.append(tag)
            bytes = bytes.drop { $0 == ASCII.space || $0 == ASCII.tab }
            guard bytes.isEmpty || bytes.first == ASCII.comma else { return nil }
        }
    }
}

extension EntityTag {
    /// Reads one tag, and nothing else, from a field.
    init?(parsing value: String) {
        var bytes = Array(value.utf8)[...]
        guard let tag = EntityTag(parsing: &bytes), bytes.isEmpty else { return nil }
        self = tag
    }

    /// Reads the tag at the beginning of `bytes`, and takes it off.
    fileprivate init?(parsing bytes: inout ArraySlice<UInt8>) {
        var rest = bytes
        // The W is the one letter here whose case counts.
        let isWeak = rest.starts(with: "W/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        guard rest.first == 0x22 else { return nil }
        let opaque = rest.dropFirst().prefix { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
        rest = rest.dropFirst(opaque.count + 1)
        guard rest.first == 0x22 else { return nil }
        bytes = rest.dropFirst()
        self.init(unchecked: String(decoding: opaque, as: UTF8.self), isWeak: isWeak)
    }
}
