/// What is written into a plug-in's file while it is compiled, for the server to read before it loads the file.
///
/// They are compiled with this module, and so tell of the Baton that the plug-in was compiled against. Each is a text of its own,
/// since only a literal is sure to stand in the file as it stands here.
extension LoadablePlugin {
    @_alwaysEmitIntoClient
    static var versionMark: StaticString { "baton-plugin-mark version 0.1.0\n" }

    @_alwaysEmitIntoClient
    static var buildMark: StaticString {
        // Set by SwiftPM.
        #if DEBUG
        "baton-plugin-mark build debug\n"
        #else
        "baton-plugin-mark build release\n"
        #endif
    }

    /// Swift names its version nowhere in a file, and to a program only by comparison.
    @_alwaysEmitIntoClient
    static var compilerMark: StaticString {
        #if compiler(>=6.5)
        "baton-plugin-mark compiler 6.5 or later\n"
        #elseif compiler(>=6.4.4)
        "baton-plugin-mark compiler 6.4.4 or later\n"
        #elseif compiler(>=6.4.3)
        "baton-plugin-mark compiler 6.4.3\n"
        #elseif compiler(>=6.4.2)
        "baton-plugin-mark compiler 6.4.2\n"
        #elseif compiler(>=6.4.1)
        "baton-plugin-mark compiler 6.4.1\n"
        #elseif compiler(>=6.4)
        "baton-plugin-mark compiler 6.4\n"
        #elseif compiler(>=6.3.5)
        "baton-plugin-mark compiler 6.3.5 or later\n"
        #elseif compiler(>=6.3.4)
        "baton-plugin-mark compiler 6.3.4\n"
        #elseif compiler(>=6.3.3)
        "baton-plugin-mark compiler 6.3.3\n"
        #elseif compiler(>=6.3.2)
        "baton-plugin-mark compiler 6.3.2\n"
        #elseif compiler(>=6.3.1)
        "baton-plugin-mark compiler 6.3.1\n"
        #else
        "baton-plugin-mark compiler 6.3\n"
        #endif
    }

    /// The marks that this build leaves in a plug-in: what a plug-in must have to fit.
    package static var marks: [String] {
        [versionMark, compilerMark, buildMark].map { "\($0)" }
    }
}
