// A cache server on local NVMe and a GPU machine for training and inference, in a network of their own.
// docs/azure.md says how it is deployed.
targetScope = 'resourceGroup'

@description('Where everything is made.')
param location string = resourceGroup().location

@description('What the names of all resources begin with.')
@minLength(2)
@maxLength(20)
param prefix string = 'scone'

@description('Where the machines fetch scone-VERSION.tar.gz: an HTTPS address, of a blob with a SAS for one.')
@secure()
param archiveUrl string

@description('Where the GPU machine fetches an archive built with -Pcuda13,gpu.')
@secure()
param gpuArchiveUrl string

@description('The public SSH key of the administrator.')
param sshPublicKey string

param adminUser string = 'azureuser'

@description('From where SSH and metrics are reached: a prefix of addresses inside, of a bastion or a VPN.')
param adminSourcePrefix string

@description('Storage-optimised, with local NVMe: 8 processors, 64 GiB, one disk of 1.92 TB.')
param cacheVmSize string = 'Standard_L8s_v3'

@description('One H100 of 94 GB, 40 processors, 320 GiB. Standard_NC24ads_A100_v4 is smaller.')
param gpuVmSize string = 'Standard_NC40ads_H100_v5'

@description('False leaves the GPU machine out.')
param withGpu bool = true

var addresses = {
  all: '10.20.0.0/23'
  cache: '10.20.0.0/24'
  gpu: '10.20.1.0/24'
  cacheServer: '10.20.0.10'
}

// The network: the GPU machine reaches the cache server, the administrator SSH and metrics, nobody anything else.
resource cacheRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${prefix}-cache'
  location: location
  properties: {
    securityRules: [
      {
        name: 'rows'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: addresses.gpu
          sourcePortRange: '*'
          destinationAddressPrefix: addresses.cache
          destinationPortRange: '7411'
        }
      }
      {
        name: 'administration'
        properties: {
          priority: 110
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: adminSourcePrefix
          sourcePortRange: '*'
          destinationAddressPrefix: addresses.cache
          destinationPortRanges: ['22', '9411']
        }
      }
      {
        name: 'nothing-else'
        properties: {
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource gpuRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${prefix}-gpu'
  location: location
  properties: {
    securityRules: [
      {
        name: 'administration'
        properties: {
          priority: 110
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: adminSourcePrefix
          sourcePortRange: '*'
          destinationAddressPrefix: addresses.gpu
          destinationPortRanges: ['22', '8000']
        }
      }
      {
        name: 'nothing-else'
        properties: {
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

// Neither machine has a public address; they fetch packages through this one.
resource outboundAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${prefix}-outbound'
  location: location
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource outbound 'Microsoft.Network/natGateways@2024-05-01' = {
  name: '${prefix}-outbound'
  location: location
  sku: { name: 'Standard' }
  properties: {
    publicIpAddresses: [{ id: outboundAddress.id }]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: prefix
  location: location
  properties: {
    addressSpace: { addressPrefixes: [addresses.all] }
    subnets: [
      {
        name: 'cache'
        properties: {
          addressPrefix: addresses.cache
          defaultOutboundAccess: false
          natGateway: { id: outbound.id }
          networkSecurityGroup: { id: cacheRules.id }
        }
      }
      {
        name: 'gpu'
        properties: {
          addressPrefix: addresses.gpu
          defaultOutboundAccess: false
          natGateway: { id: outbound.id }
          networkSecurityGroup: { id: gpuRules.id }
        }
      }
    ]
  }
}

resource cacheInterface 'Microsoft.Network/networkInterfaces@2024-05-01' = {
  name: '${prefix}-cache'
  location: location
  properties: {
    enableAcceleratedNetworking: true
    ipConfigurations: [
      {
        name: 'internal'
        properties: {
          subnet: { id: network.properties.subnets[0].id }
          privateIPAllocationMethod: 'Static'
          privateIPAddress: addresses.cacheServer
        }
      }
    ]
  }
}

resource cacheServer 'Microsoft.Compute/virtualMachines@2024-07-01' = {
  name: '${prefix}-cache'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    hardwareProfile: { vmSize: cacheVmSize }
    storageProfile: {
      imageReference: {
        publisher: 'Debian'
        offer: 'debian-12'
        sku: '12-gen2'
        version: 'latest'
      }
      osDisk: {
        createOption: 'FromImage'
        diskSizeGB: 64
        managedDisk: { storageAccountType: 'Premium_LRS' }
      }
    }
    osProfile: {
      computerName: '${prefix}-cache'
      adminUsername: adminUser
      customData: base64(replace(loadTextContent('cache-server.cloud-init.yaml'), 'ARCHIVE_URL', archiveUrl))
      linuxConfiguration: {
        disablePasswordAuthentication: true
        ssh: {
          publicKeys: [
            {
              path: '/home/${adminUser}/.ssh/authorized_keys'
              keyData: sshPublicKey
            }
          ]
        }
      }
    }
    networkProfile: { networkInterfaces: [{ id: cacheInterface.id }] }
  }
}

resource gpuInterface 'Microsoft.Network/networkInterfaces@2024-05-01' = if (withGpu) {
  name: '${prefix}-gpu'
  location: location
  properties: {
    enableAcceleratedNetworking: true
    ipConfigurations: [
      {
        name: 'internal'
        properties: {
          subnet: { id: network.properties.subnets[1].id }
          privateIPAllocationMethod: 'Dynamic'
        }
      }
    ]
  }
}

resource gpuMachine 'Microsoft.Compute/virtualMachines@2024-07-01' = if (withGpu) {
  name: '${prefix}-gpu'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    hardwareProfile: { vmSize: gpuVmSize }
    storageProfile: {
      imageReference: {
        publisher: 'Canonical'
        offer: 'ubuntu-24_04-lts'
        sku: 'server'
        version: 'latest'
      }
      osDisk: {
        createOption: 'FromImage'
        diskSizeGB: 512
        managedDisk: { storageAccountType: 'Premium_LRS' }
      }
    }
    osProfile: {
      computerName: '${prefix}-gpu'
      adminUsername: adminUser
      customData: base64(replace(loadTextContent('gpu.cloud-init.yaml'), 'ARCHIVE_URL', gpuArchiveUrl))
      linuxConfiguration: {
        disablePasswordAuthentication: true
        ssh: {
          publicKeys: [
            {
              path: '/home/${adminUser}/.ssh/authorized_keys'
              keyData: sshPublicKey
            }
          ]
        }
      }
    }
    networkProfile: { networkInterfaces: [{ id: gpuInterface.id }] }
  }
}

// NVIDIA's driver; the libraries above it come by cloud-init.
resource driver 'Microsoft.Compute/virtualMachines/extensions@2024-07-01' = if (withGpu) {
  parent: gpuMachine
  name: 'NvidiaGpuDriverLinux'
  location: location
  properties: {
    publisher: 'Microsoft.HpcCompute'
    type: 'NvidiaGpuDriverLinux'
    typeHandlerVersion: '1.11'
    autoUpgradeMinorVersion: true
  }
}

@description('What clients on the GPU machine give to --server.')
output cacheServerAddress string = '${addresses.cacheServer}:7411'
