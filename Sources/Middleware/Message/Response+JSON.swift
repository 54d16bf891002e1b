public import EventServer
import Foundation
public import HTTPTypes

extension Response {
    /// A response of JSON.
    ///
    /// - Parameters:
    ///   - value: What to encode; keys come out sorted, so that equal values give equal bytes.
    ///   - status: The status, 200 unless said otherwise.
    /// - Returns: The response.
    /// - Throws: What encoding the value throws.
    public static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try Array(encoder.encode(value))
        return Response(status: status, headers: [.contentType: "application/json"], body: bytes)
    }
}
