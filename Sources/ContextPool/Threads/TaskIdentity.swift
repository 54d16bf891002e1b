/// Which task the calling code runs in, for comparing.
package enum TaskIdentity {
    /// The current task, or `nil` outside of one; a number may be used again when its task has ended.
    package static var current: Int? { unsafe withUnsafeCurrentTask { unsafe $0?.hashValue } }
}
