import HTTPTypes

extension TestResponse {
    /// Reads a response out of all the bytes that came until the connection was closed (RFC 9112, section 6.3).
    init(_ bytes: [UInt8], to request: TestRequest) throws(TestClientError) {
        var reader = ResponseReader(bytes: bytes[...], request: request)
        self = try reader.readResponse()
    }
}

/// Reads on in the bytes of a response.
private struct ResponseReader {
    var bytes: ArraySlice<UInt8>
    let request: TestRequest
    private var total: Int { bytes.endIndex }

    init(bytes: ArraySlice<UInt8>, request: TestRequest) {
        self.bytes = bytes
        self.request = request
    }

    mutating func readResponse() throws(TestClientError) -> TestResponse {
        var status = try readStatus()
        var headers = try readFields()
        // `100 Continue` and its like come before the response.
        while status.code < 200 {
            status = try readStatus()
            headers = try readFields()
        }
        let hasNoBody = request.method == "HEAD" || status.code == 204 || status.code == 304
        guard !hasNoBody else { return TestResponse(status: status, headers: headers, body: [], trailers: [:]) }
        if headers[.transferEncoding] == "chunked" {
            let body = try readChunks()
            return TestResponse(status: status, headers: headers, body: body, trailers: try readFields())
        }
        let length = headers[.contentLength].flatMap { Int($0) }
        let body = try length.map { length throws(TestClientError) in try read(length) } ?? Array(bytes)
        return TestResponse(status: status, headers: headers, body: body, trailers: [:])
    }

    private mutating func readStatus() throws(TestClientError) -> HTTPResponse.Status {
        let start = String(decoding: bytes.prefix(80), as: UTF8.self)
        let words = try readLine().split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "HTTP/1.1", let code = Int(words[1]), (100...999).contains(code) else {
            throw .notAResponse(request, start)
        }
        return HTTPResponse.Status(code: code, reasonPhrase: String(words[2]))
    }

    private mutating func readFields() throws(TestClientError) -> HTTPFields {
        var fields = HTTPFields()
        while true {
            let line = try readLine()
            if line.isEmpty { return fields }
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0])) else {
                throw .notAResponse(request, line)
            }
            fields.append(HTTPField(name: name, value: String(parts[1].drop { $0 == " " })))
        }
    }

    private mutating func readChunks() throws(TestClientError) -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try readLine()
            guard let size = Int(line, radix: 16), size >= 0 else { throw .notAResponse(request, line) }
            // What follows the last one are the trailers.
            if size == 0 { return body }
            body += try read(size)
            guard try readLine().isEmpty else { throw .notAResponse(request, "a chunk that is longer than it says") }
        }
    }

    private mutating func readLine() throws(TestClientError) -> String {
        guard let end = bytes.firstIndex(of: 13), end + 1 < bytes.endIndex, bytes[end + 1] == 10 else {
            throw .brokenOff(request, after: total)
        }
        defer { bytes = bytes[(end + 2)...] }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    private mutating func read(_ count: Int) throws(TestClientError) -> [UInt8] {
        guard count <= bytes.count else { throw .brokenOff(request, after: total) }
        defer { bytes = bytes.dropFirst(count) }
        return Array(bytes.prefix(count))
    }
}
