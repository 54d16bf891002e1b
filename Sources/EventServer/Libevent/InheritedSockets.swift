import CLibevent
import Synchronization

/// Sockets that were open when the process began, handed down by who started it.
///
/// The protocol is that of systemd (sd_listen_fds(3)): `LISTEN_PID` is for whom they are, `LISTEN_FDS` how many there are,
/// from descriptor 3 on, and `LISTEN_FDNAMES` their names, with colons between. Who has the same sockets in an old and a new
/// process can replace one by the other, and no connection is lost.
final class InheritedSockets: Sendable {
    /// Those of this process; the environment is read once.
    static let ofProcess = InheritedSockets(process: getpid()) { name in
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    private struct Entry {
        let descriptor: Int32
        let name: String
    }

    private let unclaimed: Mutex<[Entry]>
    /// Why there are none.
    private let absence: String?

    /// Reads the environment.
    ///
    /// - Parameters:
    ///   - first: The first descriptor.
    ///   - process: The number of this process.
    ///   - variable: Gives the value of a variable.
    init(first: Int32 = 3, process: Int32, variable: (String) -> String?) {
        var entries: [Entry] = []
        var absence: String?
        let count = variable("LISTEN_FDS").flatMap { Int32($0) } ?? 0
        let owner = variable("LISTEN_PID")
        if variable("LISTEN_FDS") == nil {
            absence = "LISTEN_FDS is not set"
        } else if owner != "\(process)" {
            absence = "LISTEN_PID is for another process (\(owner ?? "none"); this is \(process))"
        } else if !(1...1024).contains(count) {
            absence = "LISTEN_FDS is no number from 1 to 1024"
        } else {
            let names = (variable("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
            for index in 0..<count {
                let name = Int(index) < names.count ? String(names[Int(index)]) : ""
                entries.append(Entry(descriptor: first + index, name: name))
            }
        }
        unclaimed = Mutex(entries)
        self.absence = absence
    }

    /// Takes the sockets with a name, or all that are left; they belong to the taker then.
    ///
    /// - Parameter name: The name; all where it is `nil`.
    /// - Returns: At least one socket, which all loops share.
    /// - Throws: ``ServerError`` with the code `cannotListen` where there is none, or one is no listening stream socket.
    func take(_ name: String?) throws(ServerError) -> [SharedListeningSocket] {
        let (taken, left) = unclaimed.withLock { unclaimed in
            let taken = unclaimed.filter { name == nil || $0.name == name }
            unclaimed.removeAll { name == nil || $0.name == name }
            return (taken, unclaimed.map(\.name))
        }
        guard !taken.isEmpty else { throw .noInheritedSocket(name, left: left, absence: absence) }
        var sockets: [SharedListeningSocket] = []
        for entry in taken { sockets.append(try Self.adopt(entry)) }
        return sockets
    }

    /// The names of the sockets that nobody has taken.
    var leftNames: [String] { unclaimed.withLock { $0.map(\.name) } }

    private static func adopt(_ entry: Entry) throws(ServerError) -> SharedListeningSocket {
        guard option(SO_ACCEPTCONN, of: entry.descriptor) == 1,
            option(SO_TYPE, of: entry.descriptor) == baton_sock_stream,
            let address = ListeningSocket.address(of: entry.descriptor)
        else { throw .noListeningSocket(descriptor: entry.descriptor, name: entry.name) }
        guard baton_make_own(entry.descriptor) == 0 else { throw .system("fcntl", errno: baton_errno()) }
        if !address.isUnix {
            var on: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            unsafe setsockopt(entry.descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        }
        return SharedListeningSocket(ListeningSocket(descriptor: entry.descriptor, address: address, isShared: true))
    }

    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }
}
