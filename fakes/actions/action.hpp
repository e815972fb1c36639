// How an action is written down: argument struct, handler, row. Names and types of arguments are read off the
// handler's signature, so the row cannot disagree with it.
#pragma once

#include "core/json_codec.hpp"
#include "fakes/actions/action_scope.hpp"
#include "fakes/actions/action_table.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <concepts>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace csim {

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

/// A result that is null even where others are `true`.
struct Null {};

/// A result that is made by hand. (A Result<Json> would be ambiguous: JSON converts from anything.)
struct JsonReply {
    Json value;
};

namespace actions {

template <class T>
struct TypeText {
    static std::string text() {
        if constexpr (std::is_same_v<T, bool>)
            return "boolean";
        else if constexpr (std::is_integral_v<T>)
            return "integer";
        else if constexpr (std::is_same_v<T, std::string>)
            return "text";
        else if constexpr (std::is_same_v<T, Json>)
            return "any";
        else
            return "object";
    }
};
template <class T>
struct TypeText<std::vector<T>> {
    static std::string text() { return "list of " + TypeText<T>::text(); }
};
template <class A, class B>
struct TypeText<std::pair<A, B>> {
    static std::string text() { return "[" + TypeText<A>::text() + ", " + TypeText<B>::text() + "]"; }
};
template <class T>
struct TypeText<std::optional<T>> : TypeText<T> {};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class Arguments>
std::vector<ActionArgument> describe_arguments() {
    std::vector<ActionArgument> list;
    using Members = boost::describe::describe_members<Arguments, boost::describe::mod_any_access>;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(std::declval<Arguments&>().*member.pointer)>;
        list.push_back({member.name, TypeText<Member>::text(), !is_optional<Member>});
    });
    return list;
}

template <class T>
Json result_json(const T& value, ResultShape shape) {
    if constexpr (std::is_same_v<T, Nothing>) {
        return shape == ResultShape::wrapped ? Json(true) : Json(nullptr);
    } else if constexpr (std::is_same_v<T, Null>) {
        return Json(nullptr);
    } else if constexpr (std::is_same_v<T, JsonReply>) {
        return value.value;
    } else {
        return to_json_value(value);
    }
}

template <class Function>
struct Signature;
template <class R, class A>
struct Signature<Result<R> (*)(ActionScope&, const A&)> {
    using Value = R;
    using Arguments = A;
};

template <auto handler>
HandlerReply call(ActionScope& on, const Json& json, ResultShape shape) {
    using Types = Signature<decltype(handler)>;
    auto arguments = from_json_value<typename Types::Arguments>(json, Strictness::exact);
    if (!arguments) return {nullptr, arguments.error()};
    const auto done = handler(on, *arguments);
    if (!done) return {nullptr, done.error()};
    return {result_json<typename Types::Value>(*done, shape), std::nullopt};
}

}  // namespace actions

/// Columns that most rows leave at their defaults.
struct ActionColumns {
    ResultShape shape = ResultShape::wrapped;
    Duration takes{0};
    Aftermath aftermath = Aftermath::none;
};

template <auto handler>
ActionSpec action(std::string_view name, ActionKind kind, ActionColumns columns, std::string_view doc) {
    using Arguments = typename actions::Signature<decltype(handler)>::Arguments;
    return {
        name,
        kind,
        columns.shape,
        columns.takes,
        columns.aftermath,
        doc,
        &actions::describe_arguments<Arguments>,
        &actions::call<handler>};
}

/// What an action that is only pretended does: nothing, successfully.
template <class Arguments>
Result<Nothing> accept(ActionScope&, const Arguments&) {
    return Nothing{};
}

inline constexpr ActionColumns raw{.shape = ResultShape::raw};

// The rows of each file of actions.
std::vector<ActionSpec> agent_actions();
std::vector<ActionSpec> client_actions();
std::vector<ActionSpec> cluster_actions();
std::vector<ActionSpec> copytool_actions();
std::vector<ActionSpec> corosync_actions();
std::vector<ActionSpec> device_actions();
std::vector<ActionSpec> lnet_actions();
std::vector<ActionSpec> node_actions();
std::vector<ActionSpec> target_actions();

}  // namespace csim
