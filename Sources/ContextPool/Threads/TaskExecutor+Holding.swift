extension TaskExecutor where Self: AnyObject {
    /// Runs `body`, which gives a part of a task away, and lives until that has returned.
    ///
    /// Swift lends an executor for `enqueue` from the task that prefers it. As soon as the part is where another thread can
    /// take it, that thread may run the task to its end, and let go of an executor that nobody else holds, while `enqueue`
    /// still works with it. Only a reference that the compiler does not know to be one is sure to be counted: an ordinary
    /// one may be left out, since whoever lends is expected to hold.
    func holding(_ body: () -> Void) {
        let held = unsafe Unmanaged.passRetained(self)
        defer { unsafe held.release() }
        body()
    }
}
