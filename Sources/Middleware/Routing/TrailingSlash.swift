/// What a router makes of `/users/` where its routes have `/users` alone, and of the reverse.
public enum TrailingSlash: Sendable, Hashable {
    /// Two different paths: 404.
    case strict
    /// 308 to the path that there is, with the query; the method stays.
    ///
    /// The one to choose where people type URLs: each page keeps its one URL.
    case redirect
    /// The route answers both.
    ///
    /// It then has two spellings. Options that name paths, such as `exempt` of `auth`, know them as two: `/public/*` does not
    /// mean `/public`, but `/public/`, which reaches the same route.
    case ignore

    /// The other one of the two paths; `nil` where there is none.
    static func other(of path: String) -> String? {
        guard path.utf8.count > 1 else { return nil }
        guard path.hasSuffix("/") else { return path + "/" }
        let shorter = path.dropLast()
        return shorter.hasSuffix("/") ? nil : String(shorter)
    }

    /// Whether a browser takes the path for one, when it stands in `Location`.
    ///
    /// `//evil.example/` and `/\evil.example/` are other sites to it.
    static func isSafeToRedirect(to path: String) -> Bool {
        !path.dropFirst().hasPrefix("/") && !path.dropFirst().hasPrefix("\\")
    }
}
