/// Why a file that `plugins` names cannot be loaded.
struct PluginFault: Error, Equatable, CustomStringConvertible {
    enum Code: Sendable {
        /// There is no such file, or it cannot be read.
        case unreadable
        /// It is no shared library for this machine.
        case notALibrary
        /// It is shorter than it says itself, or contradicts itself.
        case damaged
        /// It is a library, but no plug-in.
        case notAPlugin
        /// It was built for another Baton, by another Swift, or in another way.
        case otherBuild
        /// It brings code that the server has, too.
        case copy
        /// This server can load no plug-ins.
        case closedServer
        /// The system's loader refuses it.
        case notLoadable
        /// It hands over nothing, or what cannot be used.
        case noUse
    }

    let code: Code
    /// What is wrong and what to do, in a sentence.
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
