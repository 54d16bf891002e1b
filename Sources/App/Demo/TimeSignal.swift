import Baton
import Foundation

/// `GET /time`: the time each second, as server-sent events, for as long as somebody listens.
enum TimeSignal {
    static var response: Response {
        .events { stream in
            while true {
                try await stream.send(Date.now.formatted(.iso8601))
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
