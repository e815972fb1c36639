// The other tables' code, apart so that no unit compiles the codec for all of them.
#include "manager/model/job_rows.hpp"
#include "manager/model/rows.hpp"
#include "manager/model/table_of.hpp"

namespace csim {

template class Table<LNetRow>;
template class Table<CorosyncRow>;
template class Table<PacemakerRow>;
template class Table<NtpRow>;
template class Table<UserRow>;
template class Table<LoginRow>;
template class Table<ControllerRow>;
template class Table<CommandRow>;
template class Table<JobRow>;

}  // namespace csim
