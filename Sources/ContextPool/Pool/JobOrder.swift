/// What a call of `submit` asks for, beside the body.
@usableFromInline struct JobOrder {
    let lifetime: JobLifetime
    let priority: JobPriority
    let limit: Duration?
    let selection: ContextSelection?
    let name: String?
    let site: SourceSite

    @usableFromInline init(
        _ lifetime: JobLifetime,
        _ priority: JobPriority,
        _ limit: Duration?,
        _ selection: ContextSelection?,
        _ name: String?,
        _ site: SourceSite
    ) {
        self.lifetime = lifetime
        self.priority = priority
        self.limit = limit
        self.selection = selection
        self.name = name
        self.site = site
    }
}
