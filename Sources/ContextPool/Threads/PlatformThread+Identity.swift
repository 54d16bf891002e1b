import Glibc

extension PlatformThread {
    /// The calling thread, for comparing; a number is used again when its thread has ended.
    package static var current: UInt { UInt(pthread_self()) }
}
