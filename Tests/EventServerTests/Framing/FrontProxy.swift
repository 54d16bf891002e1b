import Foundation
import Glibc
import TestSupport
import Testing

/// A proxy of the kind that stands in front of servers, as a process of its own, with connections to the server kept alive.
struct FrontProxy: Sendable, CustomTestStringConvertible {
    let name: String
    let program: String
    private let arguments: @Sendable (String) -> [String]
    private let configuration: @Sendable (_ port: Int, _ server: Int, _ folder: String) -> String

    var testDescription: String { name }
    var isInstalled: Bool { executable != nil }

    private var executable: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/sbin"]).map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Waits are short, so that payloads which leave the proxy waiting for more come to an end.
    static let nginx = FrontProxy(name: "nginx", program: "nginx") { folder in
        ["-p", folder, "-c", "\(folder)/proxy.conf", "-e", "\(folder)/error.log"]
    } configuration: { port, server, folder in
        """
        daemon off; master_process off; pid \(folder)/pid; error_log \(folder)/error.log;
        events { worker_connections 512; }
        http {
            access_log off; client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy;
            client_header_timeout 150ms; client_body_timeout 150ms; keepalive_timeout 150ms; lingering_timeout 50ms;
            upstream baton { server 127.0.0.1:\(server); keepalive 1; }
            server {
                listen 127.0.0.1:\(port); ignore_invalid_headers off; underscores_in_headers on;
                location / {
                    proxy_pass http://baton; proxy_http_version 1.1; proxy_request_buffering off;
                    proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_next_upstream off;
                    proxy_ignore_client_abort on;
                }
            }
        }
        """
    }

    static let haproxy = FrontProxy(name: "HAProxy", isLax: false)
    /// It passes on what it would refuse otherwise.
    static let laxHAProxy = FrontProxy(name: "HAProxy that accepts invalid requests", isLax: true)

    static let all = [nginx, haproxy, laxHAProxy]

    private init(name: String, isLax: Bool) {
        self.init(name: name, program: "haproxy") { folder in
            ["-db", "-f", "\(folder)/proxy.conf"]
        } configuration: { port, server, _ in
            """
            global
                maxconn 200
            defaults
                mode http
                timeout connect 60s
                timeout server 60s
                timeout client 150ms
                timeout http-request 150ms
                timeout http-keep-alive 150ms
                retries 0
            listen front
                bind 127.0.0.1:\(port)
                option http-keep-alive
                \(isLax ? "option accept-invalid-http-request" : "")
                http-reuse always
                server baton 127.0.0.1:\(server)

            """
        }
    }

    private init(
        name: String,
        program: String,
        arguments: @escaping @Sendable (String) -> [String],
        configuration: @escaping @Sendable (Int, Int, String) -> String
    ) {
        self.name = name
        self.program = program
        self.arguments = arguments
        self.configuration = configuration
    }

    /// Runs in front of the server while `body` does.
    func run(before server: Int, _ body: (_ port: Int) throws -> Void) throws {
        guard let executable else { throw RawConnection.Failure(description: "\(program) is not installed") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "baton-\(program)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let port = try FreePort.find()
        let text = configuration(port, server, folder.path)
        try Data(text.utf8).write(to: folder.appending(path: "proxy.conf"))
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments(folder.path)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            // Not asked but killed: it was born with the signals blocked that this process blocks.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let end = ContinuousClock.now + .seconds(20)
        while (try? RawConnection(port: port)) == nil {
            guard process.isRunning, ContinuousClock.now < end else {
                let log = try? String(contentsOf: folder.appending(path: "error.log"), encoding: .utf8)
                throw RawConnection.Failure(description: "\(program) does not start: \(log ?? "")")
            }
            sched_yield()
        }
        try body(port)
    }
}
