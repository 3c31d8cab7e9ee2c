import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import type { Order, OrderKey } from './order.ts'
import { ORDERS } from './order.ts'

/** Where there are no headers of columns to click on. */
export function OrderChoice({ order, onChange }: { order: Order; onChange: (order: Order) => void }) {
  return (
    <ButtonDropdown
      expandToViewport
      items={[
        {
          text: 'Order by',
          items: ORDERS.map(({ key, label }) => ({
            id: key,
            text: label,
            itemType: 'checkbox' as const,
            checked: order.by === key,
          })),
        },
        { id: 'descending', text: 'Descending', itemType: 'checkbox', checked: order.descending },
      ]}
      onItemClick={({ detail: { id } }) =>
        onChange(id === 'descending' ? { ...order, descending: !order.descending } : { ...order, by: id as OrderKey })
      }
    >
      Order
    </ButtonDropdown>
  )
}
