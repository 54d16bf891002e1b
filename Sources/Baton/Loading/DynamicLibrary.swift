import Glibc

/// A shared library in this process.
///
/// None is ever closed: Swift keeps references into what it has seen of one.
@safe struct DynamicLibrary {
    // Safe to hand around: it is never closed, and only the loader looks behind it.
    private nonisolated(unsafe) let handle: UnsafeMutableRawPointer

    /// Loads a library, with everything that it wants from others resolved first; then its own start code runs.
    ///
    /// - Parameter path: An absolute path; without a slash the loader would search its own folders.
    /// - Throws: ``PluginFault`` with what the loader says.
    init(path: String) throws(PluginFault) {
        guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw PluginFault(.notLoadable, "cannot be loaded: \(Self.lastFault)")
        }
        unsafe self.handle = handle
    }

    /// Calls a function that takes and returns nothing.
    ///
    /// - Parameter name: Its name in C.
    /// - Returns: Whether the library has one.
    func call(_ name: String) -> Bool {
        guard let address = unsafe dlsym(handle, name) else { return false }
        // The plug-in's word for it: a name in C says nothing of what is behind it.
        unsafe unsafeBitCast(address, to: (@convention(c) () -> Void).self)()
        return true
    }

    /// Whether a library that is loaded now finds a name in the program or in what the program was linked to.
    static func isOffered(_ name: String) -> Bool {
        guard let program = unsafe dlopen(nil, RTLD_NOW) else { return false }
        return unsafe dlsym(program, name) != nil
    }

    /// Whether a library is in this process, by its name without a folder.
    static func isLoaded(_ name: String) -> Bool { unsafe dlopen(name, RTLD_NOW | RTLD_NOLOAD) != nil }

    private static var lastFault: String {
        guard let text = unsafe dlerror() else { return "the loader does not say why" }
        return unsafe String(cString: text)
    }
}
