import Baton

/// Called by the server when it loads this library.
@c(baton_plugin) public func plugin() {
    LoadablePlugin.handOver(TenantIDMiddleware.self)
}
