/// The name and type of one value that travels with a request.
///
/// Declare one type per value, keep it private, and publish an accessor, so that readers never spell a string:
///
/// ```swift
/// private enum TenantKey: ContextKey {
///     static let name = "tenant"
///     static let defaultValue: String? = nil
/// }
///
/// extension ContextValues {
///     var tenant: String? {
///         get { self[TenantKey.self] }
///         set { self[TenantKey.self] = newValue }
///     }
/// }
/// ```
///
/// A slot is identified by its ``name`` *and* its value's type. That is how `config.yml` and Swift meet: a value that
/// the `g` middleware fills by name is a `String?`, and a key of that name and type reads it.
public protocol ContextKey: Sendable {
    /// What the slot holds. Values must be `Sendable`, since every job reads its copy on another thread.
    associatedtype Value: Sendable

    /// The slot's name, as in `config.yml` and in descriptions. Libraries prefix theirs: `acme.tenant`.
    static var name: String { get }

    /// What a read returns where nothing was written.
    static var defaultValue: Value { get }

    /// Whether a snapshot takes the value along. ``ContextTravel/copied`` unless declared otherwise.
    static var travel: ContextTravel { get }

    /// Whether the value must not be seen in a log: descriptions say `<redacted>` in its place. `false` unless declared
    /// otherwise.
    ///
    /// A text that is filled in by name alone, as from `config.yml`, is known to be a secret once its key has written it.
    static var isSecret: Bool { get }
}

extension ContextKey {
    /// Values are copied unless their key says otherwise.
    public static var travel: ContextTravel { .copied }

    /// Values may be logged unless their key says otherwise.
    public static var isSecret: Bool { false }
}
