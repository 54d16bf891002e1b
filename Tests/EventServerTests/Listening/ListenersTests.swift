import Foundation
import TestSupport
import Testing

@testable import EventServer

@Suite(.timeLimit(.minutes(1))) struct ListenersTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    static let hasIPv6 = (try? ListeningSocket.openTCP(host: "::1", port: 0, backlog: 1, count: 1)) != nil

    /// A path in a folder of its own, short enough for a socket.
    private static func path() throws -> String {
        let folder = "/tmp/baton-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        return folder + "/s"
    }

    private static func error(_ addresses: [ListenAddress]) -> ServerError? {
        var configuration = ServerConfiguration()
        configuration.listen = addresses
        do throws(ServerError) {
            _ = try Listeners(configuration, loops: 1)
            return nil
        } catch {
            return error
        }
    }

    /// Serves at several addresses, and answers with the address of the client.
    private static func serve(
        _ addresses: [ListenAddress],
        _ body: @escaping @Sendable (TestServer, [SocketAddress]) async throws -> Void
    ) async throws {
        try await TestServer.run {
            $0.listen = addresses
        } answer: {
            .text("\($0.remoteAddress.host) \($0.remoteAddress.isLoopback)")
        } _: { server in
            try await body(server, server.server.addresses)
        }
    }

    private static func ask(_ connection: RawConnection) throws -> String {
        try connection.send(get)
        return try connection.receiveResponse().body
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6")) func severalAddressesAreServedByOneServer() async throws {
        let path = try Self.path()
        let wanted: [ListenAddress] = [
            .tcp(host: "127.0.0.1", port: 0), .tcp(host: "::1", port: 0), .unix(path: path),
            .tcp(host: "127.0.0.1", port: 0),
        ]
        try await Self.serve(wanted) { _, addresses in
            #expect(addresses.count == 4)
            #expect(addresses[2].description == "unix:\(path)")
            #expect(addresses[2].isLoopback && addresses[2].isUnix)
            try await onThread { () throws in
                for index in [0, 3] {
                    #expect(try Self.ask(RawConnection(port: addresses[index].port)) == "127.0.0.1 true")
                }
                #expect(try Self.ask(RawConnection(portOverIPv6: addresses[1].port)) == "::1 true")
                // More than there are loops, on the one socket that they share.
                for _ in 0..<50 { #expect(try Self.ask(RawConnection(path: path)) == "unix:\(path) true") }
            }
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6"), arguments: ["::", "*"])
    func everybodyIsOverBothVersionsAndAnIPv4ClientHasItsOwnAddress(host: String) async throws {
        try await Self.serve([.tcp(host: host, port: 0)]) { _, addresses in
            try await onThread { () throws in
                #expect(try Self.ask(RawConnection(port: addresses[0].port)) == "127.0.0.1 true")
                #expect(try Self.ask(RawConnection(port: addresses[0].port, source: 9)) == "127.0.0.9 true")
                #expect(try Self.ask(RawConnection(portOverIPv6: addresses[0].port)) == "::1 true")
            }
        }
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6")) func theWildcardOfIPv6LeavesANamedIPv4AddressAlone() throws
    {
        var configuration = ServerConfiguration()
        // A port that is free just now.
        configuration.listen = [.tcp(host: "127.0.0.1", port: 0)]
        let port = try Listeners(configuration, loops: 1).addresses[0].port
        configuration.listen = [.tcp(host: "0.0.0.0", port: port), .tcp(host: "::", port: port)]
        #expect(try Listeners(configuration, loops: 2).addresses.map(\.host) == ["0.0.0.0", "::"])
    }

    @Test func aNameIsListenedOnAtAllItsAddresses() throws {
        let sockets = try ListeningSocket.openTCP(host: "localhost", port: 0, backlog: 1, count: 2)
        #expect(!sockets.isEmpty)
        #expect(sockets.allSatisfy { $0.count == 2 && $0[0].address.isLoopback })
        #expect(Set(sockets.map { $0[0].address.port }).count == 1)
        #expect(Set(sockets.map { $0[0].address.host }).count == sockets.count)
    }

    @Test func aStaleSocketIsReplacedAndALiveOneIsNot() async throws {
        let path = try Self.path()
        // Nobody listens there any more, and nobody has cleaned up.
        guard let (storage, length) = ListeningSocket.unixAddress(path) else { return }
        let stale = try ListeningSocket.open(at: storage, length: length, options: [], backlog: 1)
        close(stale.descriptor)
        #expect(FileManager.default.fileExists(atPath: path))
        try await Self.serve([.unix(path: path)]) { _, _ in
            let error = Self.error([.unix(path: path)])
            #expect(error?.code == .cannotListen)
            #expect(error?.description.contains("Another process listens there") == true)
            try await onThread { () throws in #expect(try Self.ask(RawConnection(path: path)).hasPrefix("unix:")) }
        }
    }

    @Test func whatIsNoSocketIsNeverTouched() throws {
        let path = try Self.path()
        try "precious".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(Self.error([.unix(path: path)])?.description.contains("is no socket, and is not touched") == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        try FileManager.default.createSymbolicLink(atPath: path + "l", withDestinationPath: path)
        #expect(Self.error([.unix(path: path + "l")])?.description.contains("is no socket") == true)
        #expect(Self.error([.unix(path: path + "/x")])?.description.contains("folder does not exist") == true)
        #expect(Self.error([.unix(path: "/no/such/folder/s")])?.description.contains("folder does not exist") == true)
    }

    @Test func aPathMayHave107Bytes() throws {
        let folder = String(try Self.path().dropLast(1))
        let path = folder + String(repeating: "s", count: 107 - folder.utf8.count)
        #expect(Self.error([.unix(path: path)]) == nil)
        #expect(
            Self.error([.unix(path: path + "s")])?.description.contains("at most 107 bytes, and this one 108") == true
        )
    }

    @Test(arguments: [0o600, 0o660, 0o666] as [UInt32]) func theFileHasThePermissionsThatWereAskedFor(mode: UInt32)
        throws
    {
        var configuration = ServerConfiguration()
        let path = try Self.path()
        configuration.listen = [.unix(path: path)]
        configuration.socketMode = mode
        let listeners = try Listeners(configuration, loops: 1)
        #expect(listeners.addresses.count == 1)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.uint32Value == mode)
    }

    @Test func aServerThatStopsLeavesTheSocketOfItsSuccessor() async throws {
        let path = try Self.path()
        try await Self.serve([.unix(path: path)]) { _, _ in
            try FileManager.default.removeItem(atPath: path)
            try await Self.serve([.unix(path: path)]) { first, _ in
                // The inner server is the successor; the outer one ends first in the eyes of the file.
                first.server.shutDown()
            }
            try "not ours".write(toFile: path, atomically: false, encoding: .utf8)
        }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func oneAddressThatFailsOpensNone() throws {
        let path = try Self.path()
        #expect(Self.error([.unix(path: path), .tcp(host: "203.0.113.1", port: 0)])?.code == .cannotListen)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func whoHasJustConnectedWhenTheServerDrainsIsStillAnswered() async throws {
        try await TestServer.run { server in
            try await server.connect { fresh in
                let used = try RawConnection(port: server.port)
                try used.send(Self.get)
                _ = try used.receiveResponse()
                server.server.shutDown()
                // The server has begun to drain when it closes what is idle.
                #expect(try used.receive().isEmpty)
                try fresh.send(Self.get)
                #expect(try fresh.receiveResponse().headers["connection"] == "close")
            }
        }
    }
}
