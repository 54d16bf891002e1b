/// Says so when it dies.
final class Farewell: Sendable {
    private let atDeath: @Sendable () -> Void

    init(_ atDeath: @escaping @Sendable () -> Void) { self.atDeath = atDeath }

    deinit { atDeath() }
}
