import Baton

/// Runs on a worker thread; nobody has passed it a user or a tenant.
func renderReport(_ id: Int) throws -> String {
    let context = try RequestContext.require()
    return "report \(id) for \(context.g.tenant ?? "everybody")"
}
