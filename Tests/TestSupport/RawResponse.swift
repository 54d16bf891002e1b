/// A response, as it came over the wire.
public struct RawResponse: Sendable, Equatable {
    /// The status.
    public let status: Int
    /// The first line.
    public let statusLine: String
    /// The fields, with names in lower case.
    public let headers: [String: String]
    /// The body, as text.
    public let body: String

    /// Reads a response from the beginning of some bytes; `nil` where it is not complete.
    static func parse(_ bytes: [UInt8], isHead: Bool) -> (RawResponse, count: Int)? {
        guard
            let end = bytes.indices.dropLast(3).first(where: { bytes[$0..<($0 + 4)].elementsEqual([13, 10, 13, 10]) })
        else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n").map(String.init)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let statusLine = lines.first ?? ""
        let status = Int(statusLine.split(separator: " ").dropFirst().first ?? "") ?? 0
        let hasBody = !isHead && status >= 200 && status != 204 && status != 304
        let length = hasBody ? Int(headers["content-length"] ?? "0") ?? 0 : 0
        guard bytes.count >= end + 4 + length else { return nil }
        let body = String(decoding: bytes[(end + 4)..<(end + 4 + length)], as: UTF8.self)
        return (
            RawResponse(status: status, statusLine: statusLine, headers: headers, body: body),
            end + 4 + length
        )
    }
}
