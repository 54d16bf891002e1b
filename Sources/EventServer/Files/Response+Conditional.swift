import HTTPTypes

extension Response {
    /// This response, or the shorter one that the conditions and the range of a request call for.
    ///
    /// For a handler that has made its content in memory:
    ///
    /// ```swift
    /// Response.text(report).conditional(on: request, etag: EntityTag("v\(version)"))
    /// ```
    ///
    /// The answer to a GET or HEAD becomes 304 where the client has this version already, 412 where it asked for another one,
    /// 206 with the ranges it asked for, or 416 where there is nothing in them (RFC 9110, sections 13 and 14). The fields
    /// `ETag`, `Last-Modified` and `Accept-Ranges` are written. Other fields, and what waits in ``whenSent(_:)``, stay.
    ///
    /// A response to another method, or with another status than 200, comes back as it is: there the handler has done its
    /// work, and a condition that comes too late would tell of it wrongly. Ask ``Request/evaluate(etag:lastModified:exists:)``
    /// before.
    ///
    /// It may be called from any thread, and nothing of it waits. Ranges of a body in memory are copied.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - etag: The tag of this version. It must be another one for each content that this target has, also where the
    ///     content depends on other fields of the request, or on who asks.
    ///   - lastModified: When the content was last changed, in seconds since 1970. A time in the future is taken for now.
    /// - Returns: What to send.
    public func conditional(on request: Request, etag: EntityTag?, lastModified: Int? = nil) -> Response {
        // RFC 9110, section 8.8.2.1: no date that is later than that of the message.
        let lastModified = lastModified.map { min($0, EventLoop.secondsSince1970) }
        return conditional(on: request, validators: Validators(entityTag: etag, lastModified: lastModified))
    }

    /// The same; ranges are taken from `source`, or from the body where that is `nil`.
    func conditional(on request: Request, validators: Validators, source: RangeSource? = nil) -> Response {
        guard status == .ok, request.method == .get || request.method == .head else { return self }
        var response = self
        validators.write(to: &response.headers)
        switch request.evaluate(etag: validators.entityTag, lastModified: validators.lastModified) {
        case .notModified: return response.notModified()
        case .failed: return response.refused(.preconditionFailed)
        case .proceed: break
        }
        guard let source = source ?? response.rangeSource else { return response }
        response.headers[.acceptRanges] = "bytes"
        switch request.ranges(of: source.size, validators: validators) {
        case .whole: return response
        case .ranges(let ranges): return response.partial(ranges, of: source)
        case .unsatisfiable:
            response = response.refused(.rangeNotSatisfiable)
            // RFC 9110, section 14.4: so that the client learns what it could ask for.
            response.headers[.contentRange] = "bytes */\(source.size)"
            return response
        }
    }

    /// The ranges that the body itself can be cut into.
    private var rangeSource: RangeSource? { body.bytes.map { .bytes($0) } }

    private func partial(_ ranges: [Range<Int>], of source: RangeSource) -> Response {
        var response = self
        response.status = .partialContent
        if ranges.count == 1 {
            response.headers[.contentRange] = source.contentRange(ranges[0])
            response.body = source.body(ranges[0])
        } else {
            let type = response.headers[.contentType]
            // A wrong type is refused in the head of the message, but would be sent in the parts of its body.
            if let type, !ResponseFields.isRight(type) { return self }
            let boundary = RangeSource.makeBoundary()
            response.body = .segments(source.multipart(ranges, contentType: type, boundary: boundary))
            response.headers[.contentType] = "multipart/byteranges; boundary=\(boundary)"
        }
        return response
    }

    /// 304, with what keeps a cache up to date and without what describes a content that is not sent (RFC 9110, section
    /// 15.4.5).
    private func notModified() -> Response {
        var response = withoutContent(.notModified)
        response.headers[.eTag] = headers[.eTag]
        if headers[.eTag] == nil { response.headers[.lastModified] = headers[.lastModified] }
        return response
    }

    /// 412 or 416: what the handler said about keeping its content must not make a cache keep the refusal.
    private func refused(_ status: HTTPResponse.Status) -> Response {
        var response = withoutContent(status)
        response.headers[.cacheControl] = nil
        response.headers[.expires] = nil
        return response
    }

    /// The same response without its content, and without the fields that describe it.
    private func withoutContent(_ status: HTTPResponse.Status) -> Response {
        var response = self
        response.status = status
        response.body = []
        let described: [HTTPField.Name] = [
            .contentType, .contentEncoding, .contentLanguage, .contentDisposition, .contentRange, .acceptRanges, .eTag,
            .lastModified,
        ]
        for name in described { response.headers[name] = nil }
        return response
    }
}
