import Baton

/// `GET /`: says what runs here, and links to what can be tried.
struct HomePage {
    let chain: [String]
    let routes: [Router.Route]

    /// The page, with lines to paste that reach the server in the way in which its reader has.
    ///
    /// - Parameter authority: Host and port, as the client sent them.
    /// - Returns: The HTML.
    func html(reachedAt authority: String) -> String {
        // A Host field may contain what a shell would take for more than a name.
        let isPlain = authority.allSatisfy { $0.isLetter || $0.isNumber || ".:-[]".contains($0) }
        let address = authority.isEmpty || !isPlain ? "127.0.0.1:8080" : authority
        return page(Self.escape("http://\(address)"))
    }

    private func page(_ address: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Baton</title>
        <style>
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
        body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
        code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
        pre { background: #8881; border: 1px solid #8884; border-radius: 6px; padding: 0.8rem; overflow-x: auto; }
        td { padding: 0.15rem 1.5rem 0.15rem 0; }
        </style>
        </head>
        <body>
        <h1>Baton</h1>
        <p>An HTTP server whose background work never loses its request. It runs, and you have reached it.</p>
        <h2>What every request passes</h2>
        <p><code>\((chain + ["handler"]).map(Self.escape).joined(separator: " &rarr; "))</code></p>
        <p>The order is that of <code>chain:</code> in <code>config.yml</code>.</p>
        <h2>What it is for</h2>
        <p>A job in the background still knows whose request it belongs to:</p>
        <pre>curl -H 'user-id: alice' \(address)/user/executor
        curl -H 'user-id: bob' -X POST \(address)/orders/import
        curl \(address)/operation-log</pre>
        \(ReportSection.html)
        <h2>What can be tried</h2>
        <table>
        \(routes.map(row).joined(separator: "\n"))
        </table>
        </body>
        </html>
        """
    }

    private func row(_ route: Router.Route) -> String {
        let method = route.method?.rawValue ?? "any"
        let path = Self.escape(route.pattern)
        // Only a path that a browser can ask for is a link.
        let canFollow = (route.method == nil || route.method == .get) && !path.contains("{")
        return
            "<tr><td><code>\(method)</code></td><td>\(canFollow ? "<a href=\"\(path)\">\(path)</a>" : path)</td></tr>"
    }

    private static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
