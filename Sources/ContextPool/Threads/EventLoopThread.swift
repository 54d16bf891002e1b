import Glibc

/// Which threads run event loops, where nothing may block.
///
/// It is known of the thread and not of the request: what runs there outside of any request, such as a callback of a server,
/// holds up every connection of the loop, too.
public enum EventLoopThread {
    /// Says that the calling thread runs an event loop, for as long as it lives.
    ///
    /// From then on ``Future/wait(timeout:)`` throws `wouldBlockLoop` there, and ``FullQueuePolicy/callerRuns`` runs nothing.
    /// `ContextResponder` says it of the loops of its server; a responder that brings no contexts, and a loop of another
    /// library, has to say it. A thread that a worker has made, and that waits for its turn as workers do, does so no longer.
    public static func markCurrent() {
        // Any pointer will do that is none of nothing: nobody follows it.
        unsafe pthread_setspecific(key, UnsafeRawPointer(bitPattern: 1))
        PlatformThread.leaveInheritedTurns()
    }

    /// Whether the calling code runs on an event loop.
    static var isCurrent: Bool { unsafe pthread_getspecific(key) != nil || isStoodInFor }

    /// Runs `operation` as if it were on an event loop: how a test without a server refuses what the server would.
    ///
    /// Tasks that `operation` makes count as on the loop as well; jobs and threads do not.
    package static func standingIn<Result>(_ operation: () async -> Result) async -> Result {
        await $isStoodInFor.withValue(true, operation: operation)
    }

    @TaskLocal private static var isStoodInFor = false

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()
}
