/// The `Content-Type` of files, by the ends of their names.
///
/// The table is ours and not the system's (`/etc/mime.types`), so that a server says the same on every machine.
package enum MediaType {
    /// The type of a file.
    ///
    /// - Parameter path: A path.
    /// - Returns: Its type by what stands behind the last dot of the name; `application/octet-stream` where that is unknown.
    package static func ofFile(_ path: String) -> String {
        let name = path.utf8.suffix(while: { $0 != ASCII.slash })
        let suffix = name.suffix(while: { $0 != 0x2E })
        // Without a dot in it, the suffix is the whole name; and a name that begins with its only dot has no suffix.
        guard suffix.count + 1 < name.count else { return unknown }
        return table[String(decoding: suffix.map(ASCII.lowercased), as: UTF8.self)] ?? unknown
    }

    private static let unknown = "application/octet-stream"

    private static let table = [
        "html": "text/html; charset=utf-8",
        "htm": "text/html; charset=utf-8",
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8",
        "txt": "text/plain; charset=utf-8",
        "log": "text/plain; charset=utf-8",
        "md": "text/markdown; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "json": "application/json",
        "map": "application/json",
        "webmanifest": "application/manifest+json",
        "xml": "application/xml",
        "yaml": "application/yaml",
        "yml": "application/yaml",
        "pdf": "application/pdf",
        "wasm": "application/wasm",
        "zip": "application/zip",
        "gz": "application/gzip",
        "tar": "application/x-tar",
        "svg": "image/svg+xml",
        "png": "image/png",
        "jpg": "image/jpeg",
        "jpeg": "image/jpeg",
        "gif": "image/gif",
        "webp": "image/webp",
        "avif": "image/avif",
        "ico": "image/x-icon",
        "woff": "font/woff",
        "woff2": "font/woff2",
        "ttf": "font/ttf",
        "otf": "font/otf",
        "mp3": "audio/mpeg",
        "ogg": "audio/ogg",
        "wav": "audio/wav",
        "flac": "audio/flac",
        "mp4": "video/mp4",
        "webm": "video/webm",
    ]
}

extension BidirectionalCollection {
    /// The longest end of which all elements meet a condition.
    fileprivate func suffix(while condition: (Element) -> Bool) -> SubSequence {
        var start = endIndex
        while start > startIndex {
            let before = index(before: start)
            guard condition(self[before]) else { break }
            start = before
        }
        return self[start...]
    }
}
