// As much of a manager's REST API as registering needs, on a real port and made of maps.
#pragma once

#include "core/json.hpp"
#include "core/work_queue.hpp"
#include "net/http_server.hpp"
#include "net/https_client.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {

struct PaperManager {
    PaperManager();
    ~PaperManager();

    /// A client of this manager; its callbacks run while waiting on the inbox.
    std::unique_ptr<HttpsClient> client();

    WorkQueue inbox;
    std::size_t page = 2;  ///< objects in each page of a list, whatever is asked for
    std::string password = "lustre";
    unsigned refuse_outlets = 0;  ///< a status that changes of outlets are answered with, if not 0
    std::map<std::string, std::vector<Json>> lists;  ///< by resource; the objects have ids from 1
    std::vector<std::string> changes;                ///< method and path of everything that is no GET
    std::vector<Json> tokens_asked;

  private:
    HttpReply answer(const HttpRequest& request);
    HttpReply list(const std::string& resource, const std::string& query);
    HttpReply make(const std::string& resource, Json object);
    HttpReply change(const std::string& resource, std::size_t id, const Json& body);
    Json with_outlets(Json device);

    std::unique_ptr<HttpServer> server_;
};

}  // namespace csim
