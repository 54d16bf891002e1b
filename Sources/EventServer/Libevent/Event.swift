import CLibevent

/// A libevent event: calls a closure, on its loop's thread, when a descriptor is ready or a time has come.
///
/// It belongs to the thread of its loop. It is disarmed when it is dropped, also from inside its own closure.
@safe final class Event {
    /// What to wait for.
    enum Trigger {
        /// The descriptor can be read, or its other end has closed.
        case readable(Int32)
        /// The descriptor can be written to.
        case writable(Int32)
        /// The other end has closed or reset the connection, or something has arrived; told once for each change. No other
        /// event may be armed on the descriptor at the same time, since libevent does not mix the two ways of telling.
        case departure(Int32)
        /// A time has passed, again and again.
        case interval
    }

    private var pointer: OpaquePointer?
    // Unowned: the loop outlives its events, and a counted reference on each would be paid for on each callback.
    private unowned let loop: EventLoop
    private let handler: () -> Void

    init(on loop: EventLoop, _ trigger: Trigger, handler: @escaping () -> Void) {
        self.loop = loop
        self.handler = handler
        let (descriptor, kind): (Int32, Int32) =
            switch trigger {
            case .readable(let descriptor): (descriptor, EV_READ)
            case .writable(let descriptor): (descriptor, EV_WRITE)
            // Reading is asked for as well, since libevent reports a reset as readable and not as closed.
            case .departure(let descriptor): (descriptor, EV_READ | EV_CLOSED | EV_ET)
            case .interval: (-1, 0)
            }
        unsafe pointer = event_new(
            loop.base,
            descriptor,
            Int16(kind | EV_PERSIST),
            { _, _, context in
                guard let context = unsafe context else { return }
                // Retained for the call: the handler may drop the event that it was called by.
                unsafe Unmanaged<Event>.fromOpaque(context).takeUnretainedValue().fire()
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    deinit { if let pointer = unsafe pointer { unsafe event_free(pointer) } }

    /// Waits from now on; for ``Trigger/interval`` a period must be given.
    func arm(every period: Duration? = nil) {
        guard let pointer = unsafe pointer else { return }
        guard let period else {
            unsafe event_add(pointer, nil)
            return
        }
        let (seconds, attoseconds) = period.components
        var interval = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        unsafe event_add(pointer, &interval)
    }

    /// Stops to wait; can be armed again.
    func disarm() { if let pointer = unsafe pointer { unsafe event_del(pointer) } }

    private func fire() {
        let loop = loop
        loop.beginCallback()
        handler()
        loop.runReadyTasks()
        loop.endCallback()
    }
}
