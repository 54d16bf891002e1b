import CLibevent

/// A file that is open for reading, closed when the last response that is made of it has been sent.
final class OpenFile: Sendable {
    let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
