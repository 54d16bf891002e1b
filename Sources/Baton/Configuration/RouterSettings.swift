import Middleware

/// `router:` in `config.yml`: what wins over what the code says of all routes.
struct RouterSettings: Decodable, Sendable {
    /// What becomes of a path that only with another slash at its end has a route; `nil` for what the code says.
    var trailingSlash: TrailingSlash?

    private enum CodingKeys: CodingKey {
        case trailingSlash
    }

    private enum Policy: String, Decodable, CaseIterable {
        case strict
        case redirect
        case ignore
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        trailingSlash =
            switch try container.decodeIfPresent(Policy.self, forKey: .trailingSlash) {
            case .strict: .strict
            case .redirect: .redirect
            case .ignore: .ignore
            case nil: nil
            }
    }

    /// The router, as the configuration wants it.
    func applied(to router: Router) -> Router {
        var router = router
        if let trailingSlash { router.trailingSlash = trailingSlash }
        return router
    }
}
