/// The header fields in which a proxy says for whom it asks.
///
/// It is one kind, and not whichever is there: a proxy that sets one kind passes the other one on as the client sent it.
public enum ForwardedFields: String, Sendable, CaseIterable, Decodable {
    /// `Forwarded` (RFC 7239).
    case forwarded
    /// `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
    case xForwarded = "x-forwarded"
}
