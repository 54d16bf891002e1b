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
}

extension ContextKey {
    /// Values are copied unless their key says otherwise.
    public static var travel: ContextTravel { .copied }
}

/// What happens to a value when its context is captured for a job.
public enum ContextTravel: Sendable {
    /// The job gets a copy, which neither side's later writes reach.
    case copied

    /// The job gets the key's default: for a secret, or for what must not be touched after the response.
    case cleared
}
