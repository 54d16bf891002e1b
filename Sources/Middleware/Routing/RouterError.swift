import HTTPTypes

/// The routes of an application contradict each other, or cannot be read, or a URL cannot be made of one.
public struct RouterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// A pattern, or the prefix of a group, cannot be read.
        public static let invalidPattern = Code(description: "invalidPattern")
        /// The host of a group is none.
        public static let invalidHost = Code(description: "invalidHost")
        /// Two routes answer the same requests, or have one name.
        public static let conflict = Code(description: "conflict")
        /// No route has the name that a URL was asked for.
        public static let unknownName = Code(description: "unknownName")
        /// A URL lacks the value of a parameter.
        public static let missingParameter = Code(description: "missingParameter")
        /// A URL was given a value that its route has no parameter for.
        public static let unknownParameter = Code(description: "unknownParameter")
        /// A URL was given a value that its parameter cannot have.
        public static let invalidParameter = Code(description: "invalidParameter")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in a sentence; at the start with a line for each mistake that there is.
    public let description: String
}

// Mistakes at the start.
extension RouterError {
    /// Several mistakes as one, with a line for each and the code of the first; `nil` where there is none.
    static func all(_ mistakes: [RouterError]) -> RouterError? {
        mistakes.first.map { first in
            RouterError(code: first.code, description: mistakes.map(\.description).joined(separator: "\n"))
        }
    }

    static func invalidPattern(_ pattern: String, _ reason: String, at place: String?) -> RouterError {
        let place = place.map { " (\($0))" } ?? ""
        return RouterError(
            code: .invalidPattern,
            description: "The route pattern \"\(pattern)\"\(place) is not valid: \(reason)."
        )
    }

    static func twice(_ name: String, in pattern: String, at place: String?) -> RouterError {
        .invalidPattern(pattern, "it has two parameters called '\(name)'", at: place)
    }

    static func invalidPrefix(_ prefix: String, _ reason: String, at place: String) -> RouterError {
        RouterError(
            code: .invalidPattern,
            description: "The prefix \"\(prefix)\" of routes (\(place)) is not valid: \(reason)."
        )
    }

    static func invalidHost(_ host: String, _ reason: String, at place: String) -> RouterError {
        RouterError(
            code: .invalidHost,
            description: "The host \"\(host)\" of routes (\(place)) is not valid: \(reason)."
        )
    }

    static func otherNames(_ route: Router.Route, _ other: Router.Route) -> RouterError {
        conflict(other, route, "have the same paths: give their parameters the same names")
    }

    static func otherSpelling(_ route: Router.Route, _ other: Router.Route) -> RouterError {
        conflict(other, route, "spell one path differently: encode both alike")
    }

    static func sameRequests(_ route: Router.Route, _ other: Router.Route) -> RouterError {
        conflict(other, route, "answer the same requests: remove or change one of them")
    }

    static func sameName(_ route: Router.Route, _ other: Router.Route) -> RouterError {
        conflict(other, route, "are both called \"\(route.name ?? "")\": rename one of them")
    }

    private static func conflict(_ one: Router.Route, _ other: Router.Route, _ problem: String) -> RouterError {
        func quoted(_ route: Router.Route) -> String {
            let method = route.method.map { "\($0.rawValue) " } ?? ""
            return "\"\(method)\(route.host ?? "")\(route.pattern)\" (\(route.declaredAt))"
        }
        return RouterError(code: .conflict, description: "The routes \(quoted(one)) and \(quoted(other)) \(problem).")
    }
}

// Mistakes in a URL.
extension RouterError {
    static func unknownName(_ name: String, among names: some Collection<String>) -> RouterError {
        let known = names.isEmpty ? "no route has a name" : "known are \(names.sorted().joined(separator: ", "))"
        return RouterError(code: .unknownName, description: "No route is called \"\(name)\": \(known).")
    }

    static func missingParameter(_ name: String, of pattern: RoutePattern) -> RouterError {
        RouterError(
            code: .missingParameter,
            description: "A URL of the route \"\(pattern)\" needs a value for \"\(name)\": none was given."
        )
    }

    static func unknownParameter(_ name: String, of pattern: RoutePattern) -> RouterError {
        RouterError(
            code: .unknownParameter,
            description: "The route \"\(pattern)\" has no parameter \"\(name)\": leave the value out."
        )
    }

    static func invalidParameter(_ name: String, of pattern: RoutePattern, _ reason: String) -> RouterError {
        RouterError(
            code: .invalidParameter,
            description: "A URL of the route \"\(pattern)\" cannot have this value for \"\(name)\": \(reason)."
        )
    }
}
