public import ContextPool
public import EventServer

extension Request {
    /// The parts of a body of `multipart/form-data`, as a form with files sends it.
    ///
    /// Nothing is read before the first part is asked for; that also throws where the body is of another type.
    ///
    /// - Parameters:
    ///   - limits: How much is accepted, and from which size on a part goes to a file.
    ///   - folder: Where temporary files are made; the system's own folder for them without it.
    ///   - pool: What writes the files; the request's own pool without it.
    /// - Returns: The parts, to be iterated over once.
    public func parts(
        limits: MultipartLimits = MultipartLimits(),
        folder: String? = nil,
        pool: ContextPool? = nil
    ) -> MultipartParts {
        MultipartParts(
            type: mediaType,
            body: body,
            limits: limits,
            folder: folder ?? TemporaryFile.systemFolder,
            pool: pool ?? RequestContext.current?.pool
        )
    }

    /// Reads a whole body of `multipart/form-data`.
    ///
    /// Its fields are held in memory: with the default limits, at most 128 parts of 64 KiB. Its larger files are on the disk.
    ///
    /// - Parameters:
    ///   - limits: How much is accepted, and from which size on a part goes to a file.
    ///   - folder: Where temporary files are made; the system's own folder for them without it.
    ///   - pool: What writes the files; the request's own pool without it.
    /// - Returns: Fields and files.
    /// - Throws: What iterating over ``parts(limits:folder:pool:)`` throws; ``ContentError`` for a field that is larger than
    ///   `limits.memorySize`, or not UTF-8.
    public func multipart(
        limits: MultipartLimits = MultipartLimits(),
        folder: String? = nil,
        pool: ContextPool? = nil
    ) async throws -> MultipartForm {
        var form = MultipartForm()
        for try await part in parts(limits: limits, folder: folder, pool: pool) {
            guard let filename = part.filename else {
                form.fields.append(part.name, try await part.text(upTo: limits.memorySize))
                continue
            }
            // What browsers send where no file was chosen.
            if !filename.isEmpty || part.size > 0 { form.files.append(part) }
        }
        return form
    }
}
