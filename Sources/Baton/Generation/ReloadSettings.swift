/// `reload:` in `config.yml`.
struct ReloadSettings: Decodable, Sendable, Equatable {
    /// When a configuration is taken back since too many responses are faults.
    struct Rollback: Decodable, Sendable, Equatable {
        /// The share of responses that are 5xx, 0 to 1; with 0 nothing is taken back.
        var share = 0.0
        /// For how long after a reload.
        var window = Duration.seconds(30)
        /// How many responses there must be to judge by.
        var minimum = 20

        init(share: Double, window: Duration, minimum: Int) {
            self.share = share
            self.window = window
            self.minimum = minimum
        }

        private enum CodingKeys: CodingKey {
            case share, window, minimum
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            share = try container.decode(Double.self, forKey: .share, in: 0...1, default: share)
            window = try container.decodeDuration(.window, default: window)
            minimum = try container.decodeNumber(.minimum, in: 1...1_000_000, default: minimum)
        }
    }

    /// Whether a changed file is read anew without being asked.
    var watch: Bool
    var rollback: Rollback

    private enum CodingKeys: CodingKey {
        case watch, rollback
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        watch = try container.decodeIfPresent(Bool.self, forKey: .watch) ?? false
        rollback = try container.decode(Rollback.self, forKey: .rollback)
    }
}
