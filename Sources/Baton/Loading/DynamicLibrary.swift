import Glibc

/// A shared library in this process.
///
/// None is ever closed: Swift keeps references into what it has seen of one.
@safe struct DynamicLibrary {
    /// What the loader knows it by, and alone looks behind.
    private nonisolated(unsafe) let handle: UnsafeMutableRawPointer  // Never written, never closed.

    /// Loads a library, with everything that it wants from others resolved first; then its own start code runs.
    ///
    /// - Parameter path: An absolute path; without a slash the loader would search its own folders.
    /// - Throws: ``PluginFault`` with what the loader says.
    init(path: String) throws(PluginFault) {
        guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {  // Copies the path.
            throw PluginFault(.notLoadable, "cannot be loaded: \(Self.lastFault)")
        }
        unsafe self.handle = handle  // Not looked behind.
    }

    /// Calls a function that takes and returns nothing.
    ///
    /// - Parameter name: Its name in C.
    /// - Returns: Whether the library has one.
    func call(_ name: String) -> Bool {
        guard let address = unsafe dlsym(handle, name) else { return false }  // It stays open.
        unsafe unsafeBitCast(address, to: (@convention(c) () -> Void).self)()  // Its word: C names have no type.
        return true
    }

    /// Whether a library that is loaded now finds a name in the program or in what the program was linked to.
    static func isOffered(_ name: String) -> Bool {
        guard let program = unsafe dlopen(nil, RTLD_NOW) else { return false }  // The program itself: loads nothing.
        return unsafe dlsym(program, name) != nil  // Compared, not followed.
    }

    /// Whether a library is in this process, by its name without a folder.
    static func isLoaded(_ name: String) -> Bool {
        unsafe dlopen(name, RTLD_NOW | RTLD_NOLOAD) != nil  // Loads nothing, and what it finds is not followed.
    }

    private static var lastFault: String {
        guard let text = unsafe dlerror() else {  // Of this thread, and copied before it asks again.
            return "the loader does not say why"
        }
        return unsafe String(cString: text)  // Ends with NUL, as the loader says.
    }
}
