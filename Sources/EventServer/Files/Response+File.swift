import HTTPTypes

extension Response {
    /// A response with a file, or with what the request wants of it.
    ///
    /// - Warning: `path` is a path on the disk, and is opened as it is, `..` and symbolic links included. Never make it of
    ///   the target of a request, of a form or of any other word of a client before you have checked that it stays where you
    ///   want it: `"/srv/files" + request.path` gives every file of the machine to everybody.
    ///
    /// The answer is 200 with the whole file, 206 with the ranges that the client asked for (as one part, or as
    /// `multipart/byteranges`), 304 where the client has this version, 412 where it asked for another one, or 416 where the
    /// file is shorter than what it asked for. `ETag`, `Last-Modified`, `Accept-Ranges` and `Content-Type` are written. More
    /// than 16 ranges are answered by the whole file. To HEAD the answer is that of a GET without ranges, without the body;
    /// to other methods it is the whole file.
    ///
    /// The file's bytes never pass through the process: the system sends them. The file stays open until the response is
    /// sent, and it may be renamed, replaced or removed meanwhile. It should not be changed in place: where it becomes shorter
    /// while it is sent, the connection is closed, and other changes would reach the client in the middle. Write a new file,
    /// and rename it to the name of the old one.
    ///
    /// A file that was changed less than two seconds ago has a weak tag and no date yet, since it could be changed again
    /// without any sign (RFC 9110, section 8.8.1).
    ///
    /// It may be called from any thread. Opening a file waits where the disk is slow, as on a network drive: there,
    /// do it in a pool and not on an event loop.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - request: The request that is answered.
    ///   - contentType: The `Content-Type`; where it is `nil`, the name's end tells it, and `application/octet-stream` stands
    ///     for an unknown one.
    ///   - etag: A tag that is better than one made of the file's times, such as the hash that a build has computed; it
    ///     must be another one for each content.
    ///   - followsLink: Whether `path` may itself be a symbolic link. Folders on the way may be in any case.
    /// - Returns: What to send.
    /// - Throws: ``FileError``: `notFound`, `notAllowed`, `notAFile` for folders, pipes and devices, or `system`.
    public static func file(
        _ path: String,
        for request: Request,
        contentType: String? = nil,
        etag: EntityTag? = nil,
        followsLink: Bool = true
    ) throws(FileError) -> Response {
        // The time comes before the look at the file: a change in between makes the file look younger, never older.
        let now = EventLoop.secondsSince1970
        let file = try OpenFile(path, followsLink: followsLink)
        var validators = Validators(of: file, now: now)
        if let etag { validators.entityTag = etag }
        return self.file(
            file,
            for: request,
            contentType: contentType ?? MediaType.ofFile(path),
            validators: validators
        )
    }

    /// A response with a file of a folder, or with what the request wants of it.
    ///
    /// It is as ``file(_:for:contentType:etag:followsLink:)`` has it, but that `path` may be the word of a client: what leads out
    /// of the folder, by `..` or by a symbolic link, is not found. Links within the folder are followed.
    ///
    /// - Parameters:
    ///   - path: The path within the folder, decoded; it does not begin with `/`.
    ///   - folder: The folder.
    ///   - request: The request that is answered.
    ///   - contentType: The `Content-Type`; where it is `nil`, the name's end tells it.
    /// - Returns: What to send.
    /// - Throws: ``FileError``: `notFound`, `notAllowed`, `notAFile` for folders, pipes and devices, or `system`.
    public static func file(
        _ path: String,
        in folder: FileFolder,
        for request: Request,
        contentType: String? = nil
    ) throws(FileError) -> Response {
        let now = EventLoop.secondsSince1970
        let file = try OpenFile(path, in: folder)
        let type = contentType ?? MediaType.ofFile(path)
        return self.file(file, for: request, contentType: type, validators: Validators(of: file, now: now))
    }

    /// The same, of a file that is open.
    static func file(
        _ file: OpenFile,
        for request: Request,
        contentType: String,
        validators: Validators
    ) -> Response {
        let source = RangeSource.file(file)
        var response = Response(status: .ok, headers: [.contentType: contentType], body: source.body)
        validators.write(to: &response.headers)
        return response.conditional(on: request, validators: validators, source: source)
    }
}
