/// A program could not be stepped through, or failed in one of its interleavings.
public struct DeterministicPoolError: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for code that decides by it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        /// A step did not come back: something in it blocks its thread for real.
        public static let blocked = Code(description: "blocked")
        /// A step was asked for from inside of a step.
        public static let insideStep = Code(description: "insideStep")
        /// There was still something to do after as many steps as were allowed.
        public static let tooManySteps = Code(description: "tooManySteps")
        /// A program has more interleavings than were allowed.
        public static let tooManyInterleavings = Code(description: "tooManyInterleavings")
        /// A program threw in one of its interleavings.
        public static let programFailed = Code(description: "programFailed")
        /// The system refused a thread.
        public static let threadUnavailable = Code(description: "threadUnavailable")
    }

    /// What went wrong.
    public let code: Code

    /// What happened and what to do, in whole sentences.
    public let description: String

    /// What a program threw, where it is that.
    public let underlying: (any Error)?

    private init(_ code: Code, _ description: String, _ underlying: (any Error)? = nil) {
        self.code = code
        self.description = description
        self.underlying = underlying
    }

    static func blocked(_ name: String, _ schedule: Schedule) -> DeterministicPoolError {
        .init(
            .blocked,
            """
            "\(name)" does not come back from its step: it waits for something that this pool does not know. Wait for futures \
            only, and use pause() instead of a lock or a semaphore. It was \(schedule)
            """
        )
    }

    static let insideStep = DeterministicPoolError(
        .insideStep,
        "A job and what runs at any time cannot step the pool that steps them. Call this from the test itself."
    )

    static func tooManySteps(_ limit: Int) -> DeterministicPoolError {
        .init(
            .tooManySteps,
            "There is still something to do after \(limit) steps. Look for a job that submits itself, or allow more steps."
        )
    }

    static func tooManyInterleavings(_ limit: Int) -> DeterministicPoolError {
        .init(
            .tooManyInterleavings,
            "The program has more than \(limit) interleavings. Make it smaller, allow more, or try some with Schedule.seeds."
        )
    }

    static func programFailed(_ schedule: Schedule, _ error: any Error) -> DeterministicPoolError {
        .init(
            .programFailed,
            "The program threw \(error). It was Schedule(choices: \(schedule.choices)), \(schedule)",
            error
        )
    }

    static func threadUnavailable(_ error: any Error) -> DeterministicPoolError {
        .init(.threadUnavailable, "\(error)", error)
    }
}
