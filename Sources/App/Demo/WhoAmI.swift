import Baton

/// `GET /whoami`: who `auth` says the client is.
enum WhoAmI {
    static func respond(to request: Request, in context: RequestContext) async throws -> Response {
        guard let user = context.g.user else {
            throw HTTPError(
                .unauthorized,
                "Nobody has signed in. Try: curl -H \"authorization: Bearer $(baton token --user alice)\" ...",
                headers: [.wwwAuthenticate: "Bearer realm=\"baton\""]
            )
        }
        return .text("\(user.id)\n")
    }
}
