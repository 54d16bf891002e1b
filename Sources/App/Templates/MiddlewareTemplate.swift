/// The files of a new middleware.
///
/// For `tenant-id` they are, word for word, those of `Examples/CustomMiddleware`, which is built and tested.
struct MiddlewareTemplate {
    /// A file that is to be written.
    struct File {
        /// Where, below the package.
        let path: String
        let text: String
    }

    let name: MiddlewareName
    /// The target that the middleware belongs to.
    let target: String

    var files: [File] {
        [
            File(path: "Sources/\(target)/\(name.type)Middleware.swift", text: source),
            File(path: "Tests/\(target)Tests/\(name.type)MiddlewareTests.swift", text: test),
            File(path: "docs/\(name.kebab).md", text: guide),
        ]
    }

    /// What remains to be done.
    var nextSteps: String {
        """
        Next:
          1. In \(target), register it:    app.register(\(name.type)Middleware.self)
          2. In config.yml, name it:   chain: [\(name.kebab)]
          3. Test it:                  swift test --filter \(name.type)MiddlewareTests
        The test target needs the products Baton and MiddlewareTesting of the package baton.
        """
    }

    /// Made of parts, since the sources of this file are searched for imports.
    static func imports(_ modules: String...) -> String { modules.map { "import \($0)" }.joined(separator: "\n") }

    private var source: String {
        #"""
        \#(Self.imports("Baton"))

        /// `\#(name.kebab)`: puts a header field of each request into `g.\#(name.property)`, for handlers and their jobs.
        struct \#(name.type)Middleware: MiddlewarePlugin {
            static let name = "\#(name.kebab)"

            /// What can be set in `config.yml`; what may be left out is optional.
            struct Options: Decodable {
                /// The header field; `x-\#(name.kebab)` where nothing is said.
                var header: String?
                /// Whether requests without it are refused; they are not where nothing is said.
                var required: Bool?
            }

            private let header: HTTPField.Name
            private let isRequired: Bool

            init(options: Options) throws {
                let text = options.header ?? "x-\#(name.kebab)"
                guard let header = HTTPField.Name(text) else {
                    throw OptionsError(key: "header", "\"\(text)\" is no name of a header field")
                }
                self.header = header
                isRequired = options.required ?? false
            }

            func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
                let value = request.header(header)
                guard value != nil || !isRequired else {
                    throw HTTPError(.badRequest, "The header field \(header) is missing.")
                }
                context.g.\#(name.property) = value
                return try await next(request, in: context)
            }
        }

        extension ContextValues {
            /// What `\#(name.kebab)` has found in the request; `nil` where there was nothing.
            var \#(name.property): String? {
                get { self[\#(name.type)Key.self] }
                set { self[\#(name.type)Key.self] = newValue }
            }
        }

        private enum \#(name.type)Key: ContextKey {
            static let name = "\#(name.kebab)"
            static let defaultValue: String? = nil
        }

        """#
    }

    private var test: String {
        #"""
        \#(Self.imports("Baton", "MiddlewareTesting", "Testing"))

        @testable \#(Self.imports(target))

        @Suite struct \#(name.type)MiddlewareTests {
            /// An application with the middleware in its chain, and a route that tells what it has found.
            private func makeApplication(_ options: String = "{}") async throws -> Application {
                let yaml = """
                    chain: [\#(name.kebab)]
                    middleware:
                      \#(name.kebab): \(options)
                    """
                var app = try await Application(yaml: yaml)
                app.register(\#(name.type)Middleware.self)
                app.router.get("/") { _, context in .text(context.g.\#(name.property) ?? "nothing") }
                return app
            }

            @Test(arguments: TestDepth.allCases)
            func itFindsWhatTheRequestSays(depth: TestDepth) async throws {
                let app = try await makeApplication()
                try await app.test(depth) { client in
                    let said = try await client.get("/", headers: ["x-\#(name.kebab)": "a"])
                    #expect(said.text == "a")
                    let silent = try await client.get("/")
                    #expect(silent.text == "nothing")
                }
            }

            @Test(arguments: TestDepth.allCases)
            func itRefusesRequestsWithoutWhatIsRequired(depth: TestDepth) async throws {
                let app = try await makeApplication("{header: x-other, required: true}")
                try await app.test(depth) { client in
                    let right = try await client.get("/", headers: ["x-other": "a"])
                    #expect(right.text == "a")
                    let wrong = try await client.get("/", headers: ["x-\#(name.kebab)": "a"])
                    #expect(wrong.status == .badRequest)
                }
            }

            @Test func optionsThatMakeNoSenseAreToldWithTheirLine() async throws {
                let app = try await makeApplication("{header: 'two words'}")
                let error = #expect(throws: ConfigurationError.self) { try app.checkChain() }
                #expect(error?.description.hasPrefix("config.yml:3:") == true)
            }

            @Test func itKeepsTheLawsOfTheSeam() async throws {
                let breaches = try await MiddlewareLaws.breaches(of: \#(name.type)Middleware.self, yaml: "required: false")
                #expect(breaches == [])
            }
        }

        """#
    }

    private var guide: String {
        """
        ## `\(name.kebab)`

        Puts a header field of each request into `g.\(name.property)`, for handlers and their jobs.

        ```yaml
        chain: [\(name.kebab)]
        middleware:
          \(name.kebab):
            header: x-\(name.kebab)
            required: false         # whether requests without it are refused with 400
        ```

        """
    }
}
