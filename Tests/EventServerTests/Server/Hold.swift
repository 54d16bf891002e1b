import TestSupport
import Testing

/// Holds the event loop itself, so that what comes meanwhile waits in the kernel.
func hold(_ release: Gate) { release.wait() }

/// Blocks the event loop for a while, as a handler may that computes.
func block() {
    let end = ContinuousClock.now + .milliseconds(60)
    while ContinuousClock.now < end {}
}
