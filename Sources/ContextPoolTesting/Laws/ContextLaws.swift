/// The laws of the context, to be held against what others write: a `ContextPropagator`, or an executor of their own.
///
/// They are those of `ContextPool.submit`, with its numbers. The checks need no test library: they return the breaches, and an
/// author expects none of them, in whichever library he writes his tests.
///
/// ```swift
/// @Test func tenantsTravel() throws {
///     let breaches = try ContextLaws.check(.taskLocal($tenant, name: "tenant"), "acme", "umbrella") {
///         tenant
///     } whileSet: { value, operation in
///         try $tenant.withValue(value, operation: operation)
///     }
///     #expect(breaches.isEmpty)    // or XCTAssertEqual(breaches, [])
/// }
/// ```
public enum ContextLaws {
    /// A law that does not hold.
    public struct Breach: Error, Sendable, Hashable, CustomStringConvertible {
        /// The number of the law.
        public let law: Int

        /// What the law says.
        public let expected: String

        /// What was seen instead.
        public let seen: String

        /// Law, expectation and what was seen, in a sentence each.
        public var description: String { "Law \(law): \(expected) \(seen)" }

        init(_ law: Int, _ expected: String, _ seen: String) {
            self.law = law
            self.expected = expected
            self.seen = seen
        }
    }
}
