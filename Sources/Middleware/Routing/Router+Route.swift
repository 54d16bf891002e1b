public import HTTPTypes

extension Router {
    /// One route.
    public struct Route: Sendable {
        /// The method it answers, or `nil` for all.
        public internal(set) var method: HTTPRequest.Method?
        /// The paths it answers.
        public internal(set) var pattern: String
        /// What URLs are made by.
        public internal(set) var name: String?
        /// The host it answers for, or `nil` for all; `*.shop.test` stands for every host below `shop.test`.
        public internal(set) var host: String?
        /// Where its handler runs.
        public let place: Place
        /// The file and the line of its declaration, such as `Shop/Routes.swift:12`.
        public let declaredAt: String

        let handler: Handler
        /// What stands around it, outermost first.
        var wrappings: [RouteWrapping]
        /// How many segments of the pattern are the place where its router is mounted.
        var baseDepth = 0

        init(
            method: HTTPRequest.Method?,
            pattern: String,
            name: String?,
            place: Place,
            declaredAt: String,
            handler: @escaping Handler,
            wrappings: [RouteWrapping]
        ) {
            self.method = method
            self.pattern = pattern
            self.name = name
            self.place = place
            self.declaredAt = declaredAt
            self.handler = handler
            self.wrappings = wrappings
        }

        /// The middleware of this route, outermost first; what stands around the router as a whole comes before it.
        ///
        /// A chain that was put around a prefix below which only some of the route's paths lie is in it, too.
        public var chain: MiddlewareChain { MiddlewareChain(wrappings.flatMap(\.layer.steps)) }

        /// The route, as it is for one path: without what stands around its other paths alone.
        func narrowed(to path: String) -> Route {
            var route = self
            route.wrappings.removeAll { $0.prefix.map { !$0.isPrefix(ofPath: path) } ?? false }
            return route
        }
    }
}
