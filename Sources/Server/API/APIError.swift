package import AnalysisService
import Model
package import PromQL

/// What the API answers when it can't do what was asked: the types and codes of Prometheus.
package enum APIError: Error, Sendable {
    /// 400: the request is wrong.
    case badData(String)
    /// 422: the query can't be evaluated on this data.
    case execution(String)
    /// 499: the client went away.
    case canceled(String)
    /// 503: it took too long.
    case timeout(String)
    /// 503: not now; too much is going on, or start-up is not over.
    case unavailable(String)
    /// 500, as in Prometheus: this server was not started with what is asked for.
    case disabled(String)
    /// 403: not from there.
    case forbidden(String)
    /// 404
    case notFound(String)
    /// 409: the request contradicts itself or what is there.
    case conflict(String)
    /// 413: more bytes than are taken.
    case tooLarge(String)
    /// 429: a limit on how many is reached.
    case tooMany(String)
    /// 500
    case `internal`(String)

    /// 400 for one parameter, worded as Prometheus does.
    package static func badParameter(_ name: String, _ reason: String) -> APIError {
        .badData("invalid parameter \(GoQuote.quoted(name)): \(reason)")
    }

    /// The error of a query.
    package init(_ error: QueryError) {
        switch error {
        case .parse(let parse): self = .badParameter("query", parse.description)
        case .timeout: self = .timeout(error.description)
        case .canceled: self = .canceled(error.description)
        case .storage: self = .internal(error.description)
        default: self = .execution(error.description)
        }
    }

    /// What it means to a client that its work was not done. `what` it asked for, in the plural.
    package init(_ refusal: EvaluationPool.Refusal, of what: String) {
        let message = refusal.message(of: what)
        switch refusal {
        case .overloaded: self = .unavailable(message)
        case .timedOut: self = .timeout(message)
        case .canceled: self = .canceled(message)
        }
    }

    /// Why a Canary was not registered.
    package init(_ error: RegistrationError) {
        switch error {
        case .unreadable: self = .badData(error.message)
        case .unusable: self = .execution(error.message)
        case .otherName: self = .conflict(error.message)
        case .full: self = .tooMany(error.message)
        case .storage: self = .internal(error.message)
        }
    }

    /// The error of a request about a registered analysis.
    package init(_ error: AnalysisError) {
        switch error {
        case .unknown(let name):
            self = .notFound(
                "no registered analysis \(name.namespace)/\(name.name): register it with "
                    + "PUT /analysis/v1/canaries/\(name.namespace)/\(name.name)")
        case .waiting(let limit):
            self = .tooMany("\(limit) clients are waiting for verdicts already; try again later")
        case .canceled: self.init(.canceled, of: "analyses")
        case .forgetting(let error): self = .internal("forgetting the registration: \(error.description)")
        }
    }

    /// `errorType` of the JSON envelope.
    package var type: String {
        switch self {
        case .badData: "bad_data"
        case .execution: "execution"
        case .canceled: "canceled"
        case .timeout: "timeout"
        case .unavailable, .disabled: "unavailable"
        case .forbidden: "forbidden"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .tooLarge: "too_large"
        case .tooMany: "too_many"
        case .internal: "internal"
        }
    }

    /// HTTP status code.
    package var status: Int {
        switch self {
        case .badData: 400
        case .execution: 422
        case .canceled: 499
        case .timeout, .unavailable: 503
        case .forbidden: 403
        case .notFound: 404
        case .conflict: 409
        case .tooLarge: 413
        case .tooMany: 429
        case .internal, .disabled: 500
        }
    }

    /// What happened, in words.
    package var message: String {
        switch self {
        case .badData(let text), .execution(let text), .canceled(let text), .timeout(let text),
            .unavailable(let text), .disabled(let text), .forbidden(let text), .notFound(let text), .conflict(let text),
            .tooLarge(let text), .tooMany(let text), .internal(let text):
            text
        }
    }
}
