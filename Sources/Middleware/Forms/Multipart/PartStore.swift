import ContextPool

/// Where the content of one part goes: into memory, and from a size on to a file, which workers write.
struct PartStore {
    private static let writeSize = 65_536

    let name: String
    let limits: MultipartLimits
    let folder: String
    let pool: ContextPool?

    private var size = 0
    private var unwritten: [UInt8] = []
    private var file: TemporaryFile?

    init(name: String, limits: MultipartLimits, folder: String, pool: ContextPool?) {
        self.name = name
        self.limits = limits
        self.folder = folder
        self.pool = pool
    }

    /// Takes bytes in, and returns when what had to be written is written: until then nothing more of the body is read.
    ///
    /// What goes to a file is added to `temporarySize`, which counts for all parts.
    mutating func append(_ bytes: ArraySlice<UInt8>, temporarySize: inout Int) async throws {
        guard bytes.count <= limits.partSize - size else {
            throw ContentError.partTooLarge(name, limit: limits.partSize)
        }
        size += bytes.count
        unwritten += bytes
        guard file != nil || unwritten.count > limits.memorySize else { return }
        guard file == nil || unwritten.count >= Self.writeSize else { return }
        try await write(temporarySize: &temporarySize)
    }

    /// The whole content.
    mutating func finish(temporarySize: inout Int) async throws -> Part.Content {
        guard file != nil else { return .bytes(unwritten) }
        try await write(temporarySize: &temporarySize, isLast: true)
        guard let file else { return .bytes(unwritten) }
        return .file(file)
    }

    private mutating func write(temporarySize: inout Int, isLast: Bool = false) async throws {
        guard unwritten.count <= limits.temporarySize - temporarySize else {
            throw ContentError.filesTooLarge(limit: limits.temporarySize)
        }
        temporarySize += unwritten.count
        // Only who has a file to write needs a pool, and hears that there is none.
        let pool = try pool ?? RequestContext.require().pool
        file =
            try await pool.submit { [file, folder, unwritten] in
                let file = try file ?? TemporaryFile(in: folder, pool: pool)
                if !unwritten.isEmpty { try file.append(unwritten) }
                if isLast { try file.close() }
                return file
            }
            .value
        unwritten.removeAll(keepingCapacity: true)
    }
}
