public import ContextPool
public import EventServer
import HTTPTypes

/// `static-files`: answers with the files of a folder, and with none outside of it.
///
/// It answers GET and HEAD where there is a file, and lets everything else go on. Ranges, conditions and `sendfile` are those
/// of `Response.file`. A path that leads out of the folder, by dots or by a link, finds nothing; nor do files and folders whose
/// name begins with a dot, `.well-known` (RFC 8615) alone excepted.
public struct StaticFilesMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "static-files"

    /// What can be set in `config.yml`.
    public struct Options: Decodable, Sendable {
        /// The folder.
        public var root: ConfigPath
        /// What the paths of its files begin with, such as `/assets`.
        public var prefix: String
        /// The file that stands for a folder; empty for none.
        public var index: String
        /// Whether `style.css.br` or `style.css.gz` is sent in the place of `style.css` to who can read it.
        public var precompressed: Bool
        /// The `Cache-Control` of the files; empty for none.
        public var cacheControl: String

        private enum CodingKeys: CodingKey {
            case root, prefix, index, precompressed, cacheControl
        }

        /// Decodes the options, with defaults for what may be left out.
        ///
        /// - Parameter decoder: Where the options stand.
        /// - Throws: What decoding throws, also where `root` is missing.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            root = try container.decode(ConfigPath.self, forKey: .root)
            prefix = try container.decode(String.self, forKey: .prefix, default: "/")
            index = try container.decode(String.self, forKey: .index, default: "index.html")
            precompressed = try container.decode(Bool.self, forKey: .precompressed, default: true)
            cacheControl = try container.decode(String.self, forKey: .cacheControl, default: "")
        }
    }

    private let options: Options
    private let prefix: String
    private var folder: FileFolder?

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for a prefix or an index that no request can reach, or a value that is none.
    public init(options: Options) throws {
        guard options.prefix.isRequestPath else {
            throw OptionsError(key: "prefix", "It must begin with '/' and be encoded, as in a URL.")
        }
        guard !options.index.contains("/") else {
            throw OptionsError(key: "index", "It must be the name of a file alone.")
        }
        guard HTTPField.isValidValue(options.cacheControl) else {
            throw OptionsError(key: "cacheControl", "It must be one line of visible characters.")
        }
        self.options = options
        prefix = options.prefix.hasSuffix("/") ? options.prefix : options.prefix + "/"
    }

    /// Opens the folder.
    ///
    /// - Parameter setup: Not used.
    /// - Throws: `FileError` where there is no such folder, or it may not be read.
    public mutating func start(in setup: PluginSetup) async throws {
        folder = try FileFolder(options.root.path)
    }

    /// Answers with a file, or goes on.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response with the file, or that of the rest.
    /// - Throws: `FileError` where a file is there and cannot be read, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        guard request.method == .get || request.method == .head, let folder, let path = path(in: request),
            let response = try answer(path, in: folder, to: request)
        else {
            return try await next(request, in: context)
        }
        return response
    }

    /// The path within the folder; `nil` where it cannot be one.
    private func path(in request: Request) -> String? {
        guard request.path.hasPrefix(prefix) else { return nil }
        let rest = request.path.dropFirst(prefix.count)
        let segments = rest.split(separator: "/", omittingEmptySubsequences: false)
        var names: [String] = []
        for (position, segment) in segments.enumerated() {
            // The end of `/docs/` and the whole of `/`; anywhere else an empty name would be another spelling of a file.
            if segment.isEmpty, position == segments.count - 1 {
                names.append("")
                continue
            }
            guard let name = PercentEncoding.decode(segment), let first = name.utf8.first,
                !name.utf8.contains(where: Self.isForbidden), first != UInt8(ascii: ".") || name == ".well-known"
            else {
                return nil
            }
            names.append(name)
        }
        return names.joined(separator: "/")
    }

    /// By bytes: by characters, a slash before a combining accent would be none.
    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte == 0 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
    }

    private func answer(_ path: String, in folder: FileFolder, to request: Request) throws(FileError) -> Response? {
        guard path.isEmpty || path.hasSuffix("/") else {
            if let response = try send(path, in: folder, to: request) { return response }
            return options.index.isEmpty || !folder.hasFolder(path) ? nil : redirect(request)
        }
        return options.index.isEmpty ? nil : try send(path + options.index, in: folder, to: request)
    }

    /// A folder has one spelling, so that what its page refers to is found beside it.
    private func redirect(_ request: Request) -> Response {
        // The path begins with the prefix and has no empty names, so it is never taken for the name of another host.
        let query = request.queryString.map { "?\($0)" } ?? ""
        return Response(status: .permanentRedirect, headers: [.location: "\(request.path)/\(query)"])
    }

    private func send(_ path: String, in folder: FileFolder, to request: Request) throws(FileError) -> Response? {
        if options.precompressed {
            let accepted = Preferences(request.headerValues(.acceptEncoding))
            for (coding, suffix) in [("br", ".br"), ("gzip", ".gz")] where (accepted.weight(of: coding, "*") ?? 0) > 0 {
                let type = MediaType.ofFile(path)
                guard var response = try file(path + suffix, in: folder, for: request, contentType: type) else {
                    continue
                }
                // A refusal has no content that could be encoded.
                if response.status == .ok || response.status == .partialContent {
                    response.headers[.contentEncoding] = coding
                }
                return finished(response)
            }
        }
        return try file(path, in: folder, for: request).map(finished)
    }

    private func finished(_ response: Response) -> Response {
        var response = response
        if options.precompressed { response.vary(on: "Accept-Encoding") }
        if !options.cacheControl.isEmpty { response.headers[.cacheControl] = options.cacheControl }
        return response
    }

    private func file(
        _ path: String,
        in folder: FileFolder,
        for request: Request,
        contentType: String? = nil
    ) throws(FileError) -> Response? {
        do throws(FileError) {
            return try .file(path, in: folder, for: request, contentType: contentType)
        } catch {
            guard error.code == .notFound || error.code == .notAFile else { throw error }
            return nil
        }
    }
}
