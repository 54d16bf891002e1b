import Baton

/// `POST /upload`: takes a multipart form, and tells what was in it; nothing is kept.
enum Upload {
    static func respond(to request: Request, in context: RequestContext) async throws -> Response {
        var limits = MultipartLimits()
        limits.size = 64 << 20
        var received: [Received] = []
        for try await part in request.parts(limits: limits) {
            let isOnDisk = if case .file = part.content { true } else { false }
            received.append(
                Received(name: part.name, filename: part.filename, size: part.size, isOnDisk: isOnDisk)
            )
        }
        return try .json(received)
    }

    private struct Received: Encodable {
        let name: String
        let filename: String?
        let size: Int
        /// Whether it was too large to be held in memory.
        let isOnDisk: Bool
    }
}
