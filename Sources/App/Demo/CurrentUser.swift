import Baton

private enum UserIDKey: ContextKey {
    static let name = "userID"
    static let defaultValue: String? = nil
}

extension ContextValues {
    /// The user's name, as the `g` middleware takes it from the `user-id` header (see `config.yml`).
    var userID: String? {
        get { self[UserIDKey.self] }
        set { self[UserIDKey.self] = newValue }
    }
}

/// Whose request this is: asked for from anywhere below a handler, with nothing passed down.
///
/// - Returns: The user's name; `nobody` where the request names none.
/// - Throws: `ContextError` outside of a request, with what to do about it.
func currentUserID() throws(ContextError) -> String {
    try RequestContext.require().g.userID ?? "nobody"
}
