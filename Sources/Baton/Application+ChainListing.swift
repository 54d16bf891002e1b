import HTTPTypes
import Middleware

extension Application {
    /// What requests pass, outermost first, with all options and where they stand; secrets are not shown.
    ///
    /// - Parameter path: The path of requests, or the pattern of a route; with `nil` everything that the configuration names.
    /// - Returns: Lines for people.
    /// - Throws: ``ConfigurationError`` with all mistakes.
    public func describeChain(for path: String? = nil) throws(ConfigurationError) -> String {
        let plan = try makePlan()
        var lines: [String] = []
        var rows: [(text: String, place: String)] = []
        func add(_ steps: [ChainPlan.Step]) {
            for step in steps {
                let instance = plan.instance(step.name)
                let plugin = instance.flatMap { $0.plugin == step.name ? nil : " (\($0.plugin))" } ?? ""
                let file = instance.flatMap { plan.files[$0.plugin] }.map { " from \($0)" } ?? ""
                rows.append((step.name + plugin + file, config.describePlace(of: step.place)))
                for value in instance?.options.sorted(by: { $0.position < $1.position }) ?? [] {
                    rows.append(("    \(value.key(below: instance?.path ?? [])): \(value.text)", place(of: value)))
                }
                for (name, value) in (instance?.defaults ?? [:]).sorted(by: { $0.key < $1.key }) {
                    rows.append(("    \(name): \(value)", "by default"))
                }
            }
        }
        add(plan.global)
        let route = try path.flatMap { path throws(ConfigurationError) in try matchingRoute(path) }
        let behind = path.map { plan.chains(forPath: $0, route: route?.pattern) } ?? plan.chains
        for chain in behind {
            let scopes = chain.scopes.map(\.description).joined(separator: ", ")
            rows.append(("\(chain.name): \(scopes)", config.describePlace(of: ["chains", chain.name])))
            add(chain.steps)
        }
        for step in route?.chain.steps ?? [] { rows.append((step.name, "in the code, at \(route?.declaredAt ?? "")")) }
        let end = path.map { route.map { "the handler of \($0.pattern)" } ?? "no route answers \($0)" } ?? "the handler"
        rows.append((end, ""))
        // One long row does not push the places of all others away; its own stands below it.
        let width = rows.map(\.text.count).filter { $0 <= Self.widestRow }.max() ?? 0
        for row in rows {
            let isLong = row.text.count > width && !row.place.isEmpty
            if isLong { lines.append(row.text) }
            let text = isLong ? "" : row.text
            let gap = String(repeating: " ", count: width - min(width, text.count) + 2)
            lines.append(row.place.isEmpty ? text : text + gap + row.place)
        }
        return lines.joined(separator: "\n")
    }

    private static let widestRow = 60

    private func place(of value: ConfigSession.Value) -> String {
        switch value.source {
        case .override(let source): source
        case .file(let position): position.map { "\(config.file):\($0.line):\($0.column)" } ?? config.file
        }
    }

    /// The route that answers a path, whatever the method and the host, as the router itself finds it; that of the pattern where
    /// the path is one.
    private func matchingRoute(_ path: String) throws(ConfigurationError) -> Router.Route? {
        let router = settings.router.applied(to: router)
        if let route = router.routes.first(where: { $0.pattern == path }) { return route }
        let table: RouteTable
        do throws(RouterError) {
            table = try router.makeTable()
        } catch {
            throw ConfigurationError([ConfigProblem(file: config.file, message: error.description)])
        }
        let methods: [HTTPRequest.Method] = [.get] + router.routes.compactMap(\.method)
        let hosts = [""] + router.routes.compactMap(\.host).map { $0.replacing("*", with: "-") }
        for host in hosts {
            for method in methods {
                if let route = table.route(for: method, path, host: host) { return route }
            }
        }
        return nil
    }
}

extension ConfigSession.Value {
    /// In the order of the file, and what comes from elsewhere behind it.
    fileprivate var position: (Int, Int) {
        if case .file(let position?) = source { (position.line, position.column) } else { (.max, .max) }
    }

    /// The key, below the options of a plug-in.
    fileprivate func key(below path: [String]) -> String { self.path.dropFirst(path.count).joined(separator: ".") }
}
