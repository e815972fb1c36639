#include "runtime/lxd_host/lxd_host_impl.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace csim {
namespace {

namespace fs = std::filesystem;

std::string text_of_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_private(const fs::path& path, const std::string& text) {
    std::ofstream(path).close();
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    std::ofstream file(path, std::ios::trunc);
    file << text;
    if (!file.flush()) throw Fatal("cannot write " + path.string());
}

SelfSigned identity_of(const LxdHostOptions& options) {
    if (options.folder.empty()) return make_self_signed(options.name);
    const fs::path folder = options.folder, key = folder / "server.key", certificate = folder / "server.crt";
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) throw Fatal("cannot make the folder " + options.folder + ": " + failed.message());
    if (!fs::exists(key) || !fs::exists(certificate)) {
        const SelfSigned made = make_self_signed(options.name);
        write_private(key, made.key_pem);
        write_private(certificate, made.certificate_pem);
    }
    return {text_of_file(key), text_of_file(certificate)};
}

}  // namespace

Result<std::pair<std::string, std::uint16_t>> parse_listen_address(const std::string& text) {
    const Error wrong{Errc::bad_argument, "'" + text + "' is not ADDRESS:PORT, such as 127.0.0.1:8443"};
    std::string host = text, port = "8443";
    const auto colon = text.rfind(':');
    const bool bracketed = !text.empty() && text.front() == '[';
    const auto end = bracketed ? text.find(']') : std::string::npos;
    if (bracketed && end == std::string::npos) return wrong;
    if (colon != std::string::npos && (!bracketed || colon > end) && (bracketed || text.find(':') == colon)) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    if (bracketed) host = text.substr(1, end - 1);
    if (host.empty()) host = "0.0.0.0";
    unsigned number = 0;
    const auto [last, failed] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (failed != std::errc{} || last != port.data() + port.size() || number > 65535) return wrong;
    return std::pair{host, static_cast<std::uint16_t>(number)};
}

LxdHost::Impl::Impl(EventLoop& loop, Timeline& timeline, LxdHostOptions given)
    : options(std::move(given)),
      identity(identity_of(options)),
      fingerprint(sha256_hex(certificate_der(identity.certificate_pem))),
      context(loop, timeline, options.model, options.seed, options.speed),
      trust(context, fingerprint),
      images(context),
      places(context, options.initialised),
      instances(context, images, places),
      exec(context, instances),
      server_info(context, trust, identity, options.name, [this](const std::string& at) {
          return listen(at);
      }) {
    trust.set_password(options.trust_password);
    images.publish_from([this](const std::string& name) { return instances.files_to_publish(name); });
    for (const std::string& alias : options.images) images.add_built_in(alias);
    server_info.add_routes(context.routes);
    context.operations.add_routes(context.routes);
    trust.add_routes(context.routes);
    places.add_routes(context.routes);
    images.add_routes(context.routes);
    instances.add_routes(context.routes);
    exec.add_routes(context.routes);
    open();
}
LxdHost::Impl::~Impl() {
    server.reset();
    context.timeline.cancel(oom);
}

void LxdHost::Impl::open() {
    ApiServerOptions serving;
    serving.identity = identity;
    serving.trusts = [this](const ApiPeer& peer) { return trust.trusts(peer); };
    server = std::make_unique<ApiServer>(
        context.loop, std::move(serving),
        [this](HttpRequest request, const ApiPeer& peer, ApiResponder responder) {
            serve({std::move(request), peer, trust.trusts(peer), {}, {}, std::move(responder)});
        }
    );
    if (!options.socket.empty()) server->listen_unix(options.socket);
    if (!options.listen.empty()) server_info.listens_at(open_tls(options.listen));
}

std::string LxdHost::Impl::open_tls(const std::string& text) {
    const auto at = parse_listen_address(text);
    if (!at) throw Fatal(at.error().detail, 2);
    port = server->listen_tls(at->first, at->second);
    return at->first + ":" + std::to_string(port);
}

std::string LxdHost::Impl::listen(const std::string& text) {
    try {
        return open_tls(text);
    } catch (const Fatal& refused) {
        throw LxdRefusal{400, refused.what()};
    }
}

void LxdHost::Impl::serve(LxdCall call) {
    ++requests;
    if (context.faults.strikes("daemon-wedge", call) || context.host.list_is_blocked()) {
        held.emplace(++last_held, std::move(call));
        return;
    }
    if (context.faults.strikes("drop-connection", call)) return;
    Duration span{};
    if (const LxdFault* delay = context.faults.strikes("latency", call))
        span += delay->ms * context.second / 1000;
    const std::size_t size = call.request.body.size();
    if (const LxdFault* slow = size == 0 ? nullptr : context.faults.strikes("slow-upload", call))
        span += Duration(static_cast<std::int64_t>(
            static_cast<double>(size) / static_cast<double>(slow->bytes) *
            static_cast<double>(context.second.count())
        ));
    if (span > Duration::zero()) {
        const std::uint64_t number = ++last_held;
        held.emplace(number, std::move(call));
        context.timeline.after(span, [this, number] {
            auto waiting = held.extract(number);
            if (waiting.empty()) return;
            if (auto reply = answer(waiting.mapped())) send(waiting.mapped(), std::move(*reply));
        });
        return;
    }
    if (auto reply = answer(call)) send(call, std::move(*reply));
}

LxdReply LxdHost::Impl::answer(LxdCall& call) {
    try {
        if (const LxdFault* error = context.faults.strikes("error", call))
            return refusal_reply(error->code, error->text.empty() ? "injected fault" : error->text);
        return context.routes.run(call);
    } catch (const LxdRefusal& refused) {
        return refusal_reply(refused.code, refused.text);
    } catch (const Json::exception& wrong) {
        return refusal_reply(400, wrong.what());
    }
}

void LxdHost::Impl::send(LxdCall& call, HttpReply reply) {
    const LxdFault* cut = context.faults.strikes("truncate-body", call);
    if (cut == nullptr) return call.responder.reply(std::move(reply));
    call.responder.reply_in_part(std::move(reply), static_cast<std::size_t>(cut->bytes));
}

LxdHost::LxdHost(EventLoop& loop, Timeline& timeline, LxdHostOptions options)
    : impl_(std::make_unique<Impl>(loop, timeline, std::move(options))) {}

LxdHost::~LxdHost() = default;

std::uint16_t LxdHost::port() const {
    return impl_->port;
}

std::string LxdHost::fingerprint() const {
    return impl_->fingerprint;
}

std::string LxdHost::certificate_pem() const {
    return impl_->identity.certificate_pem;
}

void LxdHost::trust(const std::string& name, const std::string& certificate_pem) {
    impl_->trust.add(name, certificate_pem);
}

Result<Nothing> LxdHost::populate(const std::string& prefix, std::uint64_t count, bool running) {
    return impl_->populate(prefix, count, running);
}

HttpReply LxdHost::control(const HttpRequest& request) {
    return impl_->control(request);
}

}  // namespace csim
