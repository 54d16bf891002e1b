public import ContextPool
public import EventServer
import Foundation
import HTTPTypes
import Logging

/// `session`: keeps something of a visitor from one request to the next, for `try context.session`.
///
/// What is kept stands in a cookie that its client can neither read nor change, or on the server, where the cookie has an id
/// alone. A cookie that is forged, old or of an ended session is as good as none. Nothing is sent to who has no session.
public struct SessionMiddleware: MiddlewarePlugin {
    /// The name in `config.yml`.
    public static let name = "session"

    /// What browsers take: name and value together.
    private static let cookieLimit = 4096
    private static let storeLimit = 64 << 10

    private let options: Options
    private let seal: SessionSeal
    private let limit: Int
    private let now: @Sendable () -> Int

    /// Creates the middleware.
    ///
    /// - Parameter options: The options.
    /// - Throws: ``OptionsError`` for what ``validate(_:)`` finds.
    public init(options: Options) throws {
        try self.init(options: options) { Int(Date.now.timeIntervalSince1970) }
    }

    init(options: Options, now: @escaping @Sendable () -> Int) throws {
        if let mistake = Self.validate(options).first { throw mistake }
        self.options = options
        self.now = now
        seal = SessionSeal(options.keys.map(\.text), for: "\(options.store.rawValue) \(options.cookie)")
        let room = Self.cookieLimit - options.cookie.utf8.count - 1
        limit = options.store == .cookie ? SessionSeal.capacity(of: room) : Self.storeLimit
    }

    /// Opens the session, and writes it when the handler has returned.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context.
    ///   - next: The rest of the chain.
    /// - Returns: The response of the rest.
    /// - Throws: What the store throws, or the error of the rest.
    public func handle(_ request: Request, in context: RequestContext, next: Next) async throws -> Response {
        let offers = request.cookies(options.cookie)
        let found = try await find(offers, context)
        let fresh = SessionContent(created: now(), seen: now())
        let session = Session(found?.content ?? fresh, isStored: found != nil, limit: limit)
        context.setSession(session)
        let response: Response
        do {
            response = try await next(request, in: context)
        } catch {
            // An error is an answer, too: who has signed out before it has signed out.
            do {
                try await write(session, found, wasOffered: !offers.isEmpty, context)
            } catch {
                context.logger.error("session not written", metadata: ["error": "\(error)"])
            }
            throw error
        }
        try await write(session, found, wasOffered: !offers.isEmpty, context)
        return response
    }

    private struct Found {
        var content: SessionContent
        /// Whether the first key has sealed it.
        var isCurrent: Bool
    }

    /// The first one that is valid: a neighbour may have planted another one of the same name.
    private func find(_ offers: [Substring], _ context: RequestContext) async throws -> Found? {
        for offer in offers {
            guard let (opened, isCurrent) = seal.open(offer), let content = try await load(opened, context),
                content.isAlive(at: now(), idle: options.idle, lifetime: options.lifetime)
            else { continue }
            return Found(content: content, isCurrent: isCurrent)
        }
        return nil
    }

    private func load(_ opened: Data, _ context: RequestContext) async throws -> SessionContent? {
        let values = context.app.values
        if options.store == .cookie {
            let content = try? JSONDecoder().decode(SessionContent.self, from: opened)
            guard let id = content?.id, !values.endedSessions.contains(id) else { return nil }
            return content
        }
        let id = String(decoding: opened, as: UTF8.self)
        guard let bytes = try await values.sessionStore.load(id) else { return nil }
        var content = try? JSONDecoder().decode(SessionContent.self, from: Data(bytes))
        content?.id = id
        return content
    }

    private func write(
        _ session: Session,
        _ found: Found?,
        wasOffered: Bool,
        _ context: RequestContext
    ) async throws {
        let state = session.close()
        var content = state.content
        let now = now()
        // A tenth of the time: so not each answer has a cookie, and none ends much too early.
        let isOld = found.map { Double(now) - Double($0.content.seen) >= Double(options.idle.components.seconds) / 10 }
        let isDue = isOld == true || found?.isCurrent == false
        if state.isDestroyed || (state.isChanged && content.values.isEmpty && content.id == nil) {
            if let id = state.storedID { try await end(id, context) }
            if wasOffered { send(nil, context) }
        } else if state.isChanged || isDue {
            let isNew = content.id == nil
            content.seen = now
            if isNew {
                content.id = SessionContent.makeID()
                content.created = now
            }
            let isKept = try await keep(content, isNew: isNew, context)
            if isNew, let old = state.storedID { try await end(old, context) }
            // One that was ended meanwhile gets no cookie, not even one that takes it away: by now the client may have that of
            // another session, from the request that has ended this one.
            if isKept { send(content, context) }
        } else if wasOffered, found == nil {
            send(nil, context)
        }
    }

    /// - Returns: Whether the session is still there.
    private func keep(_ content: SessionContent, isNew: Bool, _ context: RequestContext) async throws -> Bool {
        guard let id = content.id else { return true }
        guard options.store == .server else { return !context.app.values.endedSessions.contains(id) }
        let store = context.app.values.sessionStore
        let bytes = Array(content.json)
        let time = timeLeft(of: content)
        guard isNew else { return try await store.replace(id, bytes, for: time) }
        try await store.create(id, bytes, for: time)
        return true
    }

    private func end(_ id: String, _ context: RequestContext) async throws {
        if options.store == .server {
            try await context.app.values.sessionStore.remove(id)
        } else {
            // Longer than any of its cookies: another request may be sealing one right now.
            let until = now() + Int(options.idle.components.seconds) + 60
            context.app.values.endedSessions.insert(id, until: until, now: now())
        }
    }

    private func timeLeft(of content: SessionContent) -> Duration {
        let age = max(0, Double(now()) - Double(content.created))
        return min(options.idle, max(.seconds(1), options.lifetime - .seconds(age)))
    }

    /// Sends the cookie with whatever the response will be; without a session, one that browsers throw away.
    private func send(_ content: SessionContent?, _ context: RequestContext) {
        var value = ""
        var end = "; Max-Age=0"
        if let content {
            let sealed = options.store == .cookie ? content.json : Data((content.id ?? "").utf8)
            do {
                value = try seal.seal(sealed)
            } catch {
                context.logger.error("session not written", metadata: ["error": "\(error)"])
                return
            }
            end = options.persistent ? "; Max-Age=\(timeLeft(of: content).components.seconds)" : ""
        }
        let site = options.sameSite.rawValue.capitalized
        let secure = options.secure ? "; Secure" : ""
        let cookie = "\(options.cookie)=\(value); Path=/; HttpOnly; SameSite=\(site)\(secure)\(end)"
        context.onResponse { response in
            response.headers.append(name: .setCookie, value: cookie)
            // What is for one visitor must not be kept for another one, whatever the rest of the chain has said.
            let said = (response.headers[.cacheControl] ?? "").lowercased().split(separator: ",")
                .map { $0.filter { $0 != " " && $0 != "\t" } }
            if !said.contains("no-store"), !said.contains("private") { response.headers[.cacheControl] = "no-store" }
        }
    }
}

extension Request {
    /// The values of all cookies of a name, eight at most: more have no honest reason, and each costs a decryption.
    fileprivate func cookies(_ name: String) -> [Substring] {
        Array(cookiePairs.lazy.filter { $0.name.elementsEqual(name.utf8) }.map { Substring($0.value) }.prefix(8))
    }
}
