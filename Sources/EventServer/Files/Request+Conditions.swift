import HTTPTypes

/// Whether a request is to be carried out, by its conditions.
public enum ConditionResult: Sendable, Hashable {
    /// There is no condition, or it holds: carry the request out.
    case proceed
    /// The client has this version already: answer 304. Only for GET and HEAD.
    case notModified
    /// The content is not what the client thinks it is: answer 412, and change nothing.
    case failed
}

extension Request {
    /// Weighs `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since`, in the order of RFC 9110,
    /// section 13.2.2.
    ///
    /// Call it before anything is changed: a PUT with `If-Match` then writes only over the version that the client has seen,
    /// and one with `If-None-Match: *` only where there is nothing yet. For the answer to a GET,
    /// ``Response/conditional(on:etag:lastModified:)`` does it all.
    ///
    /// It may be called from any thread, and nothing of it waits. Where the request would be answered by an error without its
    /// conditions (no such content, not allowed), answer with that error and do not ask here.
    ///
    /// - Parameters:
    ///   - etag: The tag of the current version, where there is one.
    ///   - lastModified: When it was last changed, in seconds since 1970, where that is known.
    ///   - exists: Whether there is a current version; `false` for a PUT that would make it.
    /// - Returns: What to do. OPTIONS, TRACE and CONNECT always proceed, since they are about no content.
    public func evaluate(etag: EntityTag?, lastModified: Int? = nil, exists: Bool = true) -> ConditionResult {
        if method == .options || method == .trace || method == .connect { return .proceed }
        let isReading = method == .get || method == .head
        if let list = entityTags(.ifMatch) {
            guard exists, list.contains({ tag in etag.map(tag.stronglyMatches) ?? false }) else { return .failed }
        } else if let date = date(.ifUnmodifiedSince), let lastModified, lastModified > date {
            return .failed
        }
        if let list = entityTags(.ifNoneMatch) {
            guard exists, list.contains({ tag in etag.map(tag.weaklyMatches) ?? false }) else { return .proceed }
            return isReading ? .notModified : .failed
        }
        if isReading, let date = date(.ifModifiedSince), let lastModified, lastModified <= date { return .notModified }
        return .proceed
    }

    /// What the request asks for of a content that is otherwise to be sent whole (RFC 9110, sections 13.1.5 and 14.2).
    ///
    /// Only GET has ranges: section 14.2 wants the field ignored with any other method, HEAD among them.
    func ranges(of size: Int, validators: Validators) -> ByteRanges {
        guard method == .get else { return .whole }
        let values = headerValues(.range)
        guard values.count == 1, isRangeCurrent(validators) else { return .whole }
        return ByteRanges(values[0], size: size)
    }

    /// Whether `If-Range` lets the range be taken: the client's other parts are of the very same version.
    private func isRangeCurrent(_ validators: Validators) -> Bool {
        let values = headerValues(.ifRange)
        guard let value = values.first else { return true }
        guard values.count == 1 else { return false }
        if let tag = EntityTag(parsing: value) { return validators.entityTag?.stronglyMatches(tag) ?? false }
        guard let date = date(.ifRange), let lastModified = validators.lastModified else { return false }
        // Not "not later than": the client sends back what it was told, so any other date is one of another version.
        return lastModified == date
    }

    private func entityTags(_ name: HTTPField.Name) -> EntityTagList? {
        let values = headerValues(name)
        return values.isEmpty ? nil : EntityTagList(values)
    }

    /// A date, where the field is there once and has one (RFC 9110, section 13.1.3: else it is ignored).
    private func date(_ name: HTTPField.Name) -> Int? {
        let values = headerValues(name)
        guard values.count == 1 else { return nil }
        return HTTPDate.seconds(values[0], now: EventLoop.secondsSince1970)
    }
}
